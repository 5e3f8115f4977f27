"""One file a command: arguments in, words out; whatever is heavy is imported inside the command."""
