"""How fast the market of a row runs, as a share of what the row asks for.

A row runs many times faster than life, so a machine that is busy with something else for a tenth of
a second holds up a whole second of the market. `make fault` plays a row that broke once more, alone
and at a slower pace: what breaks there too is the program's.
"""

import os
from typing import Final

VARIABLE: Final = "JULIE_FAULT_PACE"
PACE: Final = float(os.environ.get(VARIABLE, "1"))
