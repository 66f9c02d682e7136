"""What a site asks robots to leave alone, and how fast it wants to be asked (RFC 9309)."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from stages.sources.errors import Unavailable


class Robots:
    """The robots.txt of every site that is asked, read once.

    Args:
        get: returns the status and the content of a URL; raises Unavailable.
        agent: our name.
        longest: seconds between two requests that a site may ask for; more are not waited.
        sleep: waits; for tests.
    """

    def __init__(
        self,
        get: Callable[[str], tuple[int, bytes]],
        agent: str,
        longest: float,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self.get, self.agent, self.longest, self.sleep = get, agent, longest, sleep
        self.sites: dict[str, RobotFileParser | Unavailable] = {}
        self.asked: dict[str, float] = {}

    def wait_for(self, url: str) -> None:
        """Return when a URL may be asked for.

        Raises Unavailable: robots if it may not, robots_unreachable if the site does not say (a missing file is a yes).
        """
        site = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if site not in self.sites:
            self.sites[site] = self._read(site)
        rules = self.sites[site]
        if isinstance(rules, Unavailable):
            raise Unavailable(rules.reason, str(rules))
        if not rules.can_fetch(self.agent, url):
            raise Unavailable("robots", f"{site}/robots.txt asks robots not to read it")
        delay = min(float(rules.crawl_delay(self.agent) or 0), self.longest)
        if site in self.asked and (left := self.asked[site] + delay - time.monotonic()) > 0:
            self.sleep(left)
        self.asked[site] = time.monotonic()

    def _read(self, site: str) -> RobotFileParser | Unavailable:
        rules = RobotFileParser()
        try:
            status, data = self.get(f"{site}/robots.txt")
        except Unavailable as error:
            if error.reason == "private_address":
                return error
            return Unavailable("robots_unreachable", str(error))
        if status >= 500:
            return Unavailable("robots_unreachable", f"{site}/robots.txt: the server answered {status}")
        lines = data.decode("utf-8-sig", "replace").splitlines() if status == 200 else []
        rules.parse(lines)  # no lines: all is allowed
        return rules
