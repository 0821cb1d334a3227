#!/usr/bin/env python3
"""A soak: check-ins go out through a stand-in for GOV.UK Notify and are answered by its webhook, while the server is killed in the middle.

Nothing may be lost or doubled: as many questions as people, each with a reference of its own and to another number, and as many answers in force.
`make bench` runs it with 10,000 people. Alone: python3 bench/checkins.py [PEOPLE], with HANDRAIL_BINARY and, for PostgreSQL, HANDRAIL_TEST_DATABASE_URL;
it writes its part of bench/RESULTS.md.
"""
import base64
import collections
import datetime
import hashlib
import hmac
import http.client
import http.server
import json
import os
import pathlib
import queue
import re
import signal
import socketserver
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = pathlib.Path(os.environ.get("HANDRAIL_BINARY", ROOT / "target/release/handrail"))
PEOPLE = 10_000
PORT = 8098
SERVICE = "1d2a3b4c-0000-4000-8000-00000000000a"
SECRET = "5e6f7a8b-0000-4000-8000-00000000000b"
TOKEN = "a-bearer-token-of-the-bench"
HEADING = "## Check-ins out and back, with the server killed in the middle"
# Asked to wait three times in a run: more would measure how long Handrail waits, which is not less than it was asked to.
BUSY = {1_000, 2_500, 4_000}
ANSWERING = 8


def unpacked(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def may_send(header):
    """Whether the token is ours: signed with the secret, by this service, within 30 seconds of now."""
    try:
        head, claims, signature = header.removeprefix("Bearer ").split(".")
        signed = hmac.new(SECRET.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
        told = json.loads(unpacked(claims))
        return hmac.compare_digest(signed, unpacked(signature)) and told["iss"] == SERVICE and abs(told["iat"] - time.time()) <= 30
    except (ValueError, KeyError):
        return False


class Office:
    """Notify on loopback."""

    def __init__(self):
        self.lock = threading.Lock()
        self.posts = 0
        self.questions = []  # (moment, reference, number)
        self.others = 0
        self.references = collections.Counter()
        self.to_answer = queue.Queue()
        office = self

        class Desk(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def say(self, status, body, headers=()):
                body = json.dumps(body).encode()
                self.send_response(status)
                for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if not may_send(self.headers.get("Authorization", "")):
                    return self.say(403, {"errors": [{"error": "AuthError", "message": "Invalid token"}]})
                with office.lock:
                    office.posts += 1
                    if office.posts in BUSY:
                        return self.say(429, {"errors": [{"error": "RateLimitError"}]}, [("Retry-After", "1")])
                    office.keep(body)
                self.say(201, {"id": "740e5834-3a29-46b4-9a6f-16142fde533a", "reference": body["reference"]})

            def do_GET(self):
                if not may_send(self.headers.get("Authorization", "")):
                    return self.say(403, {"errors": [{"error": "AuthError", "message": "Invalid token"}]})
                asked = re.search(r"reference=([0-9a-f-]+)", self.path)[1]
                with office.lock:
                    there = office.references[asked]
                self.say(200, {"notifications": [{"reference": asked, "status": "delivered"}] * there, "links": {}})

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                # A killed server leaves its connections half-way.
                pass

        self.server = Server(("127.0.0.1", 0), Desk)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def keep(self, body):
        self.references[body["reference"]] += 1
        if "on how many were you off" in body["personalisation"]["body"]:
            self.questions.append((time.monotonic(), body["reference"], body["phone_number"]))
            self.to_answer.put(body["phone_number"])
        else:
            self.others += 1


def days(number):
    """What somebody with this number answers: from 0 to 14 days."""
    return sum(number.encode()) % 15


class Answering:
    """People answer: each answer is told until the server says that it has it, and then once more, as a provider may."""

    def __init__(self, office):
        self.office, self.told, self.lock = office, [], threading.Lock()
        for _ in range(ANSWERING):
            threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        connection = None
        while True:
            number = self.office.to_answer.get()
            body = json.dumps({"id": f"answer of {number}", "source_number": number.lstrip("+"), "message": str(days(number))})
            taken = 0
            # Some are told twice.
            while taken < (2 if days(number) == 3 else 1):
                try:
                    connection = connection or http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
                    connection.request("POST", "/messages/notify/received", body, {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status != 204:
                        raise OSError(f"answered {answer.status}")
                    taken += 1
                except (OSError, http.client.HTTPException):
                    connection = None
                    time.sleep(0.2)
            with self.lock:
                self.told.append(time.monotonic())


def start(arguments, environment):
    process = subprocess.Popen([BINARY, "serve", "--listen", f"127.0.0.1:{PORT}", *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(6_000):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return process
        except OSError:
            pass
        time.sleep(0.02)
    sys.exit("the service did not start")


def wait_for(enough, patience, what):
    began = time.monotonic()
    while not enough():
        if time.monotonic() - began > patience:
            sys.exit(f"too little happened: {what}")
        time.sleep(0.05)


def number_of(arguments, of):
    text = f"SELECT COUNT(*) FROM {of}"
    if arguments[0] == "--data":
        connection = sqlite3.connect(pathlib.Path(arguments[1]) / "handrail.sqlite")
        return connection.execute(text).fetchone()[0]
    return int(subprocess.run(["psql", "-qtA", arguments[1], "-c", text], capture_output=True, text=True, check=True).stdout)


def soak(kind, people):
    """One run. It ends the program where anything was lost or doubled."""
    with tempfile.TemporaryDirectory(prefix="handrail-soak-") as folder:
        folder = pathlib.Path(folder)
        for name, words in (("notify-key", f"the-bench-{SERVICE}-{SECRET}"), ("notify-token", TOKEN)):
            (folder / name).write_text(words)
        arguments = ["--data", str(folder / "service")]
        if kind == "postgres":
            base, query = os.environ["HANDRAIL_TEST_DATABASE_URL"].split("?")
            subprocess.run(["psql", "-q", f"{base}?{query}", "-c", "DROP DATABASE IF EXISTS handrail_soak", "-c", "CREATE DATABASE handrail_soak"], check=True)
            arguments = ["--database-url", f"{base.rsplit('/', 1)[0]}/handrail_soak?{query}"]
        office = Office()
        environment = {
            **os.environ,
            "HANDRAIL_KEY_FILE": str(folder / "key"),
            "HANDRAIL_LOG": "warn",
            "HANDRAIL_TEXT": "notify",
            "HANDRAIL_NOTIFY_URL": office.address,
            "HANDRAIL_NOTIFY_TEXT_TEMPLATE": "text",
            "HANDRAIL_NOTIFY_KEY_FILE": str(folder / "notify-key"),
            "HANDRAIL_NOTIFY_TOKEN_FILE": str(folder / "notify-token"),
        }
        if kind == "postgres":
            subprocess.run([BINARY, "migrate", *arguments], env=environment, check=True)
        subprocess.run([BINARY, "bench-checkins", "--people", str(people), *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)
        answering = Answering(office)
        process = start(arguments, environment)
        wait_for(lambda: len(office.questions) >= people // 2, 1_200, "half of the questions")
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed = time.monotonic()
        before = [at for at, _, _ in office.questions if at <= killed]
        process = start(arguments, environment)
        wait_for(lambda: len(office.questions) >= people and len(answering.told) >= people, 2_400, "all questions and answers")
        # Whatever would go twice has time to.
        wait_for(lambda: number_of(arguments, "messages WHERE state NOT IN ('sent', 'delivered')") == 0, 2_400, "every message over")
        process.terminate()
        process.wait()
        wrong = []

        def must(what, found, expected):
            if found != expected:
                wrong.append(f"{what}: {found}, and not {expected}")

        must("questions", len(office.questions), people)
        must("references", len({reference for _, reference, _ in office.questions}), people)
        must("numbers", len({number for _, _, number in office.questions}), people)
        must("messages given twice", sum(n > 1 for n in office.references.values()), 0)
        must("check-ins answered", number_of(arguments, "checkins WHERE state = 'answered'"), people)
        must("answers", number_of(arguments, "checkin_answers"), people)
        must("texts that came", number_of(arguments, "inbound_messages"), people)
        must("what was said of days", number_of(arguments, "absence_facts"), people)
        if wrong:
            sys.exit("lost or doubled: " + "; ".join(wrong))
        return {
            "people": people,
            "out_per_second": (len(before) - 1) / (before[-1] - before[0]),
            "back_per_second": sum(at <= killed for at in answering.told) / (killed - before[0]),
            "all_seconds": max(answering.told[-1], office.questions[-1][0]) - before[0],
            "others": office.others,
        }


def section(results, build):
    """The part of bench/RESULTS.md. `results` has a run for each database."""
    if not results:
        return []
    people = next(iter(results.values()))["people"]
    lines = [
        HEADING,
        "",
        f"Measured on {datetime.date.today():%-d %B %Y} with a {build} build: {people:,} questions by text through a stand-in for GOV.UK Notify on the same machine, each answered by its webhook as soon as it came, "
        "every fifteenth or so told twice; `kill -9` when half of the questions had gone. None was lost and none went or counted twice. After the kill a message whose fate is not known "
        "is held for two minutes and asked for by its reference, so the whole takes that long at least.",
        "",
        "| | " + " | ".join({"sqlite": "SQLite", "postgres": "PostgreSQL"}[kind] for kind in results) + " |",
        "|---|" + "--:|" * len(results),
    ]
    for field, label in (
        ("out_per_second", "Questions a second until the kill, while answers come back"),
        ("back_per_second", "Answers a second meanwhile"),
        ("all_seconds", "From the first question to the last answer, the kill and the waiting included (s)"),
    ):
        lines.append(f"| {label} | " + " | ".join(f"{found[field]:.0f}" for found in results.values()) + " |")
    return [*lines, ""]


def main():
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    results = {}
    for kind in ["sqlite"] + (["postgres"] if os.environ.get("HANDRAIL_TEST_DATABASE_URL") else []):
        results[kind] = soak(kind, people)
        print(kind, json.dumps(results[kind], indent=1), flush=True)
    file = ROOT / "bench/RESULTS.md"
    text = file.read_text()
    mine = "\n".join(section(results, "release" if "release" in BINARY.parts else "debug"))
    kept = re.sub(re.escape(HEADING) + r".*?(?=\n## |\Z)", "", text, flags=re.S)
    before, mark, after = kept.partition("## What to know about these numbers")
    file.write_text(f"{before.rstrip()}\n\n{mine}\n{mark}{after}")


if __name__ == "__main__":
    main()
