"""A ledger to which things happen, by chance: rows that come, change, are judged anew, expire and are erased."""

import random
from contextlib import closing
from pathlib import Path

from chained import APPS, DAY, MASTER, PEOPLE, START, Chained, Clock, history

from douane.audit import taxonomy
from douane.audit.declaration import Declaration
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.message import Direction, Gap, Kind
from douane.audit.verdicts import headline
from douane.ledger.erase import erase, find
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.purge import Purge
from douane.ledger.query import open_ledger
from douane.ledger.rejudge import rejudge
from douane.ledger.retention import Keep, Policy
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger

TAKEN = ("user.contact", "user.name", "user.contact.email", "user.workplace")
PLACES = (
    "/params/arguments/mail",
    "/params/arguments/rows/0/mail",
    "/params/arguments/rows/12/mail",
    "/params/arguments/douane_test_fields/a",
)


class Life:
    """A ledger to which things happen, by chance."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        self.made: Chained = history(folder, self.rng, steps=2, pause=20 * DAY)
        self.clock, self.number = Clock(), 10_000
        self.clock.now = START + 60 * DAY

    def happens(self) -> None:
        self.rng.choice((self.cross, self.cross, self.cross, self.arrive, self.judge, self.purge, self.erase))()

    def ledger(self) -> Ledger:
        sealer = Sealer(MASTER)
        return Ledger(self.made.path, taxonomy="t", clock=self.clock, sealer=sealer, anchors=self.made.anchors)

    def cross(self) -> None:
        """Some exchanges, gaps and passages, and a segment that ends now and then."""
        with self.ledger() as ledger:
            with ledger.batch():
                for _ in range(self.rng.randint(1, 9)):
                    ledger.append(self.exchange())
                self.number += 1
                gap = Gap(self.rng.choice(("malformed", "too-large")), count=self.rng.randint(1, 3))
                ledger.add_gap(f"g{self.number}", 0, self.rng.choice(APPS), gap, self.clock.now)
                ledger.add_passage(
                    f"p{self.number}", "crm", at=self.clock.now, host="crm.example",
                    path_class=self.rng.choice(("health", "oauth")), status=self.rng.choice((200, 404)), bytes_up=0,
                    bytes_down=9,
                )  # fmt: skip
            if self.rng.random() < 0.7:
                ledger.seal()
        self.clock.now += self.rng.random() * 9 * DAY

    def exchange(self) -> Exchange:
        self.number += 1
        rng, answer = self.rng, self.rng.random() < 0.4
        return Exchange(
            f"r{self.number}", 0, self.clock.now - rng.random() * DAY, rng.choice((*APPS, "new")),
            Direction.TO_CHATGPT if answer else Direction.TO_APP,
            rng.choice((Kind.RESULT, Kind.ERROR)) if answer else Kind.REQUEST,
            "tools/call", rng.choice(("book", "find", None)), rng.choice((Outcome.DELIVERED, *Outcome)), 20,
            flow=f"f{self.number}", duration_ms=rng.random() * 3000 if answer else None,
            own_traffic=rng.random() < 0.1, redelivery=rng.random() < 0.1,
            route="egress" if rng.random() < 0.1 else "reverse", host="mail.example",
            disclosures=tuple(self.datum() for _ in range(rng.randint(0, 3))),
            gaps=(Gap("no-schema"),) if rng.random() < 0.3 else (),
        )  # fmt: skip

    def datum(self) -> Disclosure:
        rng = self.rng
        labels = (Label.CLEAR, Label.OMITTED, Label.INCORRECT, Label.GAP)
        verdicts = [Verdict(source, rng.choice(labels), "made up") for source in Source if source != "platform"]
        if rng.random() < 0.2:
            verdicts.append(Verdict(Source.PLATFORM, Label.PROHIBITED, "made up"))
        category = rng.choice(("user.contact.email", "user.health_and_medical", "user.name"))
        return Disclosure(
            rng.choice(PLACES), category, taxonomy.flags(category), "made-up", 0.5, "", tuple(verdicts),
            headline(verdicts),
        )  # fmt: skip

    def arrive(self) -> None:
        """What became of messages is known later."""
        with self.ledger() as ledger, ledger.batch():
            for _ in range(5):
                number = self.rng.randint(10_000, self.number)
                ledger.set_outcome(self.rng.choice(list(Outcome)), flow=f"f{number}")

    def judge(self) -> None:
        app = self.rng.choice(APPS)
        taken = tuple(self.rng.sample(TAKEN, 2))
        declared = Declaration(app, taken, taken, sha256=f"{self.rng.getrandbits(200):064x}", source="a.yaml")
        rejudge(
            self.made.path, app, reason="a test", version="1", declaration=declared, sealer=Sealer(MASTER),
            anchors=self.made.anchors, clock=self.clock, batch=self.rng.choice((1, 400)),
        )  # fmt: skip

    def purge(self) -> None:
        policy = Policy(keep=f"P{self.rng.choice((15, 40, 200))}D", rules=(Keep("P5D", app="crm"),), reason="a test")
        sealer = Sealer(MASTER)
        with Purge(self.made.path, sealer, policy, who="a test", anchors=self.made.anchors, clock=self.clock) as work:
            while work.step():
                pass

    def erase(self) -> None:
        with closing(open_ledger(self.made.path)) as db:
            found = find(db, Pseudonymiser(MASTER), [("user.contact.email", self.rng.choice(PEOPLE))])
        erase(self.made.path, Sealer(MASTER), found, who="dpo", anchors=self.made.anchors, clock=self.clock)
