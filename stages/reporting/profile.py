"""tmp"""


def profile(data):
    return {}


def plots(p):
    return {}
