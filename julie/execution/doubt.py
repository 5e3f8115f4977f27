"""Where the venue holds less than we believe: what that means for a stop that is due."""

from julie.execution.floor import Floor
from julie.execution.plans import Plan, PlanLeg
from julie.execution.tags import Role


def closed_by_others(floor: Floor, plan: Plan, leg: PlanLeg) -> bool:
    """Somebody closed it: that is for the comparison to book, and a stop of ours would open a
    position. Of what was just bought the venue's word may be late.
    """
    sign, contract = int(plan.side), plan.contract
    venue, ours = floor.book.venue_net(contract), floor.book.net(contract)
    read_mono, filled_mono = floor.looked_mono, floor.book.filled_mono.get(contract, 0)
    read_since = leg.recovered and read_mono > 0 and read_mono >= filled_mono
    known = leg.covered or leg.closing is not None or read_since
    return known and venue * sign < ours * sign


def unexplained(floor: Floor, plan: Plan) -> int:
    """What the venue holds on and no stop of ours covers, where no trade says what became of the
    rest: no comparison will book it.
    """
    if not floor.standing.holds("phantom_trade"):
        return 0
    legs = [leg for one in floor.book.open_plans(plan.contract) for leg in one.legs]
    works = sum(order.left for leg in legs for order in leg.alive(Role.STOP))
    return floor.book.venue_net(plan.contract) * int(plan.side) - works
