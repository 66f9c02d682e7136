"""Pages of this machine, for the person in front of it: bound to loopback, behind a token, without a build step."""
