"""What is inspected ahead is written as if it had not been; a process beside that dies loses and doubles nothing."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import post
import pytest
from post import DETECTORS, call, result
from running import INSPECTOR, children, until

from douane.audit.context import ToolSchema
from douane.audit.fields import Limits
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Gap, HttpPart, Kind, Message
from douane.detectors import registry
from douane.inspector import ahead, beside, standby
from douane.inspector.ahead import Ahead, Asked
from douane.inspector.budget import Budget, Overran
from douane.inspector.entry import entry
from douane.inspector.heavy import Work, worked
from douane.inspector.packed import inspected_of, opened, packed_inspected, packed_work, packet, work_of
from douane.inspector.pipeline import Inspected
from douane.inspector.settings import InspectorSettings
from douane.ledger.keys import encode
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.record import RecordKind
from douane.ledger.spool import Spool
from douane.wire.crossing import Crossed

DATA = Path(__file__).parents[2] / "bench" / "data"
MASTER = bytes(range(32))
TOLD = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "find"}}
forks = pytest.mark.skipif(not standby.AVAILABLE, reason="a fork is tied to its parent on Linux only")


def work(message: Any, *, schema: ToolSchema | None = None) -> Work:
    text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
    node = parse(text)
    assert isinstance(node, Node)
    asks = '"method"' in text
    direction, kind = (Direction.TO_APP, Kind.REQUEST) if asks else (Direction.TO_CHATGPT, Kind.RESULT)
    http = (HttpPart("header", "user-agent", "openai-mcp/1.0"),)
    return Work(
        Message("travel", direction, kind, "tools/call", "find", 1, node, text, http), schema, None, Limits(), 128
    )


def asked(number: int, message: Any = TOLD, *, seconds: float = 30.0) -> Asked:
    return Asked((f"r{number}", 0), work(message), 7, seconds)


def test_what_comes_back_makes_the_same_entry_in_the_ledger() -> None:
    names = Pseudonymiser(MASTER)
    written = partial(entry, pseudonymiser=names, salt=b"s" * 16, declared=frozenset(), tools=(), rpc="")
    seen: Counter[str] = Counter()
    for line in (DATA / "mcp-dev.jsonl").read_text(encoding="utf-8").splitlines():
        given = work(json.loads(line)["message"])
        again = work_of(opened(packet(packed_work(given))), None, None)
        assert again == given
        here = worked(given, post.detect)
        there = inspected_of(opened(packet(packed_inspected(here))))
        crossed = Crossed(given.message, (), "travel", "r1", 0, 1.0, given.message.direction, 1, "f1")
        made = [written(crossed, given.message, one) for one in (here, there)]
        assert made[0] == made[1]
        assert replace(there, judged=()) == replace(here, judged=())
        seen.update(one.category for one in made[0].disclosures)
    assert seen["user.contact.email"]


@pytest.mark.parametrize(
    "text",
    [
        "{'a': 1}",
        '{"a": NaN}',
        '[{"jsonrpc": "2.0", "id": 1, "method": "x"}]',
        '{"id": 1} {"id": 2}',
        "",
        '{"a": 1}  x',
    ],
)
def test_a_text_that_does_not_read_as_the_message_by_itself_is_not_for_the_process_beside(text: str) -> None:
    plain = packed_work(work(TOLD))
    assert work_of((plain[0], text, *plain[2:]), None, None) is None


class Beside:
    """The other end of an `Ahead`, played by a test; what is to be ended with it is a process that sleeps."""

    def __init__(self) -> None:
        ours, self.end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.end.setblocking(False)
        self.process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        self.ahead = Ahead(ours, self.process.pid)
        self.ready()

    def ready(self) -> None:
        self.say("ready", self.process.pid)

    def say(self, kind: str, number: int, what: Any = None) -> None:
        self.end.send(packet((kind, number, what)))

    def heard(self) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        with contextlib.suppress(BlockingIOError):
            while data := self.end.recv(200_000):
                found.append(opened(data)[:2])
        return found

    def close(self) -> None:
        self.ahead.stop()
        self.process.kill()
        self.process.wait()
        self.end.close()


HELD = Inspected((), (), (), 3)
PLAIN = packed_inspected(HELD)


@pytest.fixture
def other() -> Iterator[Beside]:
    one = Beside()
    yield one
    one.close()


def test_answers_are_taken_in_the_order_in_which_they_were_asked_for(other: Beside) -> None:
    for number in (1, 2, 3):
        other.ahead.ask(asked(number))
    assert other.heard() == [("work", 1), ("work", 2), ("work", 3)]
    other.say("inspected", 1, PLAIN)
    other.say("gap", 2, ("crashed", "KeyError"))
    other.say("no", 3)
    came = [other.ahead.answer((f"r{number}", 0)) for number in (1, 2, 3, 4)]
    assert came == [HELD, Gap("crashed", detail="KeyError", size=7), None, None]


def test_what_a_worker_had_in_hand_when_it_died_is_for_the_caller_and_the_rest_is_not(other: Beside) -> None:
    for number in (1, 2):
        other.ahead.ask(asked(number))
    other.ready()
    other.say("inspected", 2, PLAIN)
    assert [other.ahead.answer((f"r{number}", 0)) for number in (1, 2)] == [None, HELD]


def test_when_the_process_beside_is_gone_everything_is_for_the_caller(other: Beside) -> None:
    other.ahead.ask(asked(1))
    other.end.close()
    assert other.ahead.answer(("r1", 0)) is None
    other.ahead.ask(asked(2))
    assert other.ahead.answer(("r2", 0)) is None
    assert not other.ahead.waits(("r2", 0))
    assert [other.ahead.has_left(), other.ahead.has_left()] == [True, False]


def test_a_process_beside_that_is_stopped_has_not_left(other: Beside) -> None:
    other.ahead.ask(asked(1))
    assert not other.ahead.has_left()
    other.ahead.stop()
    assert not other.ahead.has_left()


def test_more_than_the_process_beside_can_have_in_hand_is_shared(other: Beside) -> None:
    for number in range(1, ahead.IN_HAND + 4):
        other.ahead.ask(asked(number))
    assert len(other.heard()) == ahead.IN_HAND
    assert other.ahead.waits(("r1", 0))
    spare = other.ahead.spare()
    assert spare is not None
    assert spare.name == (f"r{ahead.IN_HAND + 3}", 0)
    other.ahead.keep(spare.name, HELD)
    for number in range(1, ahead.IN_HAND + 1):
        other.say("inspected", number, PLAIN)
    assert all(other.ahead.answer((f"r{number}", 0)) == HELD for number in range(1, ahead.IN_HAND + 1))
    assert other.heard() == [("work", ahead.IN_HAND + 1), ("work", ahead.IN_HAND + 2)]
    assert other.ahead.answer(spare.name) == HELD


def test_what_is_too_large_to_be_sent_is_for_the_caller(other: Beside) -> None:
    large = {**TOLD, "params": {"name": "find", "arguments": {"note": "x" * 140_000}}}
    other.ahead.ask(asked(1, large))
    assert other.heard() == []
    assert other.ahead.answer(("r1", 0)) is None


def test_what_was_forgotten_and_is_answered_later_is_nobodys_answer(other: Beside) -> None:
    other.ahead.ask(asked(1))
    other.ahead.forget()
    other.ahead.ask(asked(2))
    other.say("gap", 1, ("overran", ""))
    other.say("inspected", 2, PLAIN)
    assert other.ahead.answer(("r2", 0)) == HELD


@pytest.mark.promise("no-poisoned-record")
def test_a_worker_that_does_not_come_back_from_a_message_is_ended_and_that_message_is_a_gap(
    other: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "GRACE_SECONDS", 0.05)
    for number in (1, 2):
        other.ahead.ask(asked(number, seconds=0.05))
    assert other.ahead.answer(("r1", 0)) == Gap("overran", size=7)
    assert other.process.wait(20) == -signal.SIGKILL
    assert other.ahead.answer(("r2", 0)) is None


def test_a_schema_is_told_once_and_again_to_another_worker(other: Beside) -> None:
    schema = ToolSchema("find", input_schema={"type": "object"})
    message = work(TOLD, schema=schema)
    for number in (1, 2):
        other.ahead.ask(Asked((f"r{number}", 0), message, 7, 30.0))
    assert other.heard() == [("told", 1), ("work", 1), ("work", 2)]
    other.ready()
    assert other.ahead.answer(("r1", 0)) is None
    other.ahead.ask(Asked(("r3", 0), message, 7, 30.0))
    assert other.heard() == [("told", 1), ("work", 3)]


def served(detect: Any, *things: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """What `serve` answers to these packets."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        for thing in things:
            ours.send(packet(thing))
        ours.shutdown(socket.SHUT_WR)
        beside.serve(theirs, detect)
        theirs.close()
        said: list[tuple[Any, ...]] = []
        while data := ours.recv(200_000):
            said.append(opened(data))
        return said


def test_the_process_beside_says_what_a_message_held_and_what_it_cannot_say() -> None:
    message = {**TOLD, "params": {"name": "find", "arguments": {"email": "lea.exemple@example.org"}}}
    plain = packed_work(work(message))
    odd = (plain[0], "[]", *plain[2:])
    said = served(
        lambda fields, context: registry.detect(fields, context, DETECTORS),
        ("work", 1, (30.0, 0, 0, plain)),
        ("work", 2, (30.0, 0, 0, odd)),
        ("work", 3, (30.0, 5, 0, plain)),  # a schema that it was never told
    )
    assert [one[:2] for one in said] == [("ready", os.getpid()), ("inspected", 1), ("no", 2), ("no", 3)]
    assert inspected_of(said[1][2]).judged[0].finding.category == "user.contact.email"


@pytest.mark.promise("faults-without-values")
def test_a_detector_that_fails_or_overruns_beside_is_a_gap_that_names_no_value() -> None:
    def broken(_fields: Any, context: Any) -> Any:
        if context.tool == "find":
            raise KeyError("lea.exemple@example.org")
        until_then = time.monotonic() + 30
        while time.monotonic() < until_then:
            pass

    plain = packed_work(work(TOLD))
    slow = ((*plain[0][:4], "slow", 1), *plain[1:])
    said = served(broken, ("work", 1, (30.0, 0, 0, plain)), ("work", 2, (0.1, 0, 0, slow)))
    assert said[1:] == [("gap", 1, ("crashed", "KeyError")), ("gap", 2, ("overran", ""))]


def test_a_limit_that_stood_still_goes_on_and_another_may_be_set_meanwhile() -> None:
    def busy(seconds: float) -> None:
        until_then = time.monotonic() + seconds
        while time.monotonic() < until_then:
            pass

    budget = Budget()
    reached = False

    def both() -> None:
        nonlocal reached
        with budget.of(0.1):
            with budget.paused(), budget.of(5.0):
                busy(0.2)
            reached = True
            busy(20)

    with pytest.raises(Overran):
        both()
    assert reached


class Here:
    """An `Ahead` whose other end is in this process: what is asked is inspected when the answer is wanted."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self._works: dict[Any, Work] = {}

    def ask(self, one: Asked) -> None:
        self.asked.append(one.name)
        self._works[one.name] = one.work

    def waits(self, _name: Any) -> bool:
        return False

    def answer(self, name: Any) -> Inspected | None:
        given = self._works.pop(name, None)
        return None if given is None else inspected_of(packed_inspected(worked(given, post.detect)))

    def forget(self) -> None:
        self._works.clear()

    def has_left(self) -> bool:
        return False

    def stop(self) -> None:
        return


type Make = Callable[[Here | None], Any]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Any] = []

    def _make(beside: Here | None) -> Any:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(post.Post(folder, ahead=beside))
        return made[-1]

    yield _make
    for one in made:
        one.close()


ROWS = (
    "SELECT e.id, direction, e.kind, method, outcome, answers_id, category, pointer, code, verdict, reason"
    " FROM exchanges e LEFT JOIN disclosures d ON d.exchange_id = e.id LEFT JOIN gaps g ON g.exchange_id = e.id"
    " LEFT JOIN verdicts v ON v.disclosure_id = d.id ORDER BY e.id, d.id, g.id, v.id"
)


def lists(*names: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"ssn_of_lea": {"type": "string"}, "email": {"type": "string"}}}
    tools = [{"name": name, "inputSchema": schema} for name in names]
    return {"jsonrpc": "2.0", "id": 9, "result": {"tools": tools}}


def conversation(here: Any) -> None:
    """More than a batch: calls, a list of tools in between, a faulty body, what passed by, and outcomes."""
    for number in range(30):
        flow = here.asks(call(number, "find", email=f"lea{number}@example.org", ssn_of_lea="lea2@example.org"))
        here.answers(flow, result(number, phone="+33 6 39 98 12 34", note="allergic to peanuts"))
        here.put(RecordKind.OUTCOME, "", delivered=[flow])
        if number == 10:
            here.answers(here.asks({"jsonrpc": "2.0", "id": 9, "method": "tools/list"}), lists("find"))
        if number == 20:
            here.asks(b"{")
            here.put(RecordKind.PASSAGE, "", host="other.example", path_class="/x", status=200)


def test_a_batch_that_is_looked_at_ahead_leaves_the_same_rows(make: Make) -> None:
    rows: list[Any] = []
    for beside_it in (None, Here()):
        here = make(beside_it)
        conversation(here)
        here.work(seconds=100)
        rows.append((here.rows(ROWS), here.rows("SELECT kind, name, count FROM observations ORDER BY id"), here.left()))
    assert rows[0] == rows[1]
    assert isinstance(beside_it, Here)
    assert len(beside_it.asked) > 50


def test_a_message_is_judged_by_the_tools_that_were_known_when_it_crossed(make: Make) -> None:
    here = make(Here())
    here.asks(call(1, "find", ssn_of_lea="lea2@example.org"))
    here.answers(here.asks({"jsonrpc": "2.0", "id": 9, "method": "tools/list"}), lists("find"))
    here.asks(call(2, "find", ssn_of_lea="lea2@example.org"))
    here.asks(call(3, "find", ssn_of_lea="lea2@example.org"))
    here.work()
    known = "/params/arguments/ssn_of_lea"
    pointers = [pointer for (pointer,) in here.rows("SELECT pointer FROM disclosures ORDER BY id")]
    assert pointers[0] != known
    assert pointers[1:] == [known, known]
    assert here.rows("SELECT exchange_id FROM gaps WHERE code = 'no-schema'") == [(1,)]


def test_two_answers_to_a_request_of_an_earlier_inspector_in_one_batch_are_paired_in_turn(make: Make) -> None:
    seen: list[Any] = []
    for beside_it in (None, Here()):
        here = make(beside_it)
        flow = here.asks(call(7))
        here.work()
        here.inspector.close()
        here.spool._db.execute("DELETE FROM records")
        here.inspector = here.open()
        for number in range(3):
            here.answers(flow, result(7))
            here.asks(call(20 + number))
        here.work()
        seen.append(here.rows("SELECT direction, method, answers_id FROM exchanges ORDER BY id"))
    assert seen[0] == seen[1]
    assert [row[2] for row in seen[1]].count(1) == 1


def test_a_few_messages_are_inspected_here_and_now(make: Make) -> None:
    beside_it = Here()
    here = make(beside_it)
    here.answers(here.asks(call(1)), result(1))
    here.work()
    assert beside_it.asked == []
    assert here.rows("SELECT count(*) FROM exchanges") == [(2,)]


def alive(pid: int) -> bool:
    """Whether it runs; what has ended and waits to be looked after does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@forks
@pytest.mark.promise("kill-9")
def test_whatever_dies_while_a_backlog_is_worked_off_every_message_has_one_row(tmp_path: Path) -> None:
    pairs = 300
    settings = InspectorSettings(
        ledger=tmp_path / "douane.db", spool=tmp_path / "spool.db", presidio=False, stand_by=True
    )
    with Spool(tmp_path / "spool.db", MASTER) as spool:
        for number in range(pairs):
            meta = {"method": "POST", "target": "/mcp", "headers": [["content-type", "application/json"]]}
            body = json.dumps(call(number, email=f"lea{number}@example.org")).encode()
            spool.put(RecordKind.REQUEST, "travel", f"f{number}", 0, time.time(), meta, body)
            body = json.dumps(result(number, email=f"lea{number}@example.org")).encode()
            spool.put(RecordKind.ANSWER, "travel", f"f{number}", 0, time.time(), {"status": 200}, body)
        process = subprocess.Popen(
            [sys.executable, "-m", INSPECTOR],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "DOUANE_KEY_FILE": str(tmp_path / "key" / "master.key")},
        )
        assert process.stdin is not None
        assert process.stdout is not None
        told: list[bytes] = []
        reader = threading.Thread(target=lambda: told.extend(process.stdout or ()), daemon=True)
        reader.start()
        try:
            process.stdin.write(settings.model_dump_json().encode() + b"\n" + encode(MASTER).encode() + b"\n")
            process.stdin.flush()
            killed = ended = 0
            below: set[int] = set()
            while left := until(lambda: spool.size().records + 1, 60) - 1:
                inspector = children(process.pid).get(INSPECTOR)
                apart = children(inspector).get(INSPECTOR) if inspector else None
                worker = children(apart).get(INSPECTOR) if apart else None
                below |= {one for one in (inspector, apart, worker) if one}
                if left < 2 * pairs and worker and killed < 5:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(worker, signal.SIGKILL)
                    killed += 1
                    until(lambda was=left: spool.size().records < was, 60, "more work")
                elif killed >= 5 and inspector and ended < 1:
                    os.kill(inspector, signal.SIGKILL)
                    ended += 1
                    until(lambda: any(b'"restarted"' in line for line in told), 60, "another inspector")
                time.sleep(0.005)
            process.stdin.close()
            assert process.wait(30) == 0
            until(lambda: not any(map(alive, below)), 20, "the end of all")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            reader.join(5)
            process.stdout.close()
    events = Counter(json.loads(line)["event"] for line in told)
    assert killed >= 1
    assert events["restarted"] == ended
    here = post.Post(tmp_path)
    rows = here.rows("SELECT direction, count(*), count(DISTINCT flow) FROM exchanges GROUP BY direction ORDER BY 1")
    counts = here.rows("SELECT count(*), count(DISTINCT exchange_id) FROM disclosures")
    here.close()
    assert rows == [("to_app", pairs, pairs), ("to_chatgpt", pairs, pairs)]
    assert counts == [(2 * pairs, 2 * pairs)]
