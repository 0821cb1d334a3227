#!/usr/bin/env python3
"""Measures Handrail and writes bench/RESULTS.md: processor time a request, latencies, and writing against a bare loop, on both databases.

Run by `make bench`. It needs wrk, a release binary and, for PostgreSQL, HANDRAIL_TEST_DATABASE_URL (scripts/with-postgres sets it).
Every number is the median of RUNS runs. HANDRAIL_BENCH_CASES="100000,1000000" sets the sizes. With HANDRAIL_BENCH_FOLDER, what is filled stays there and is used again.
"""
import datetime
import glob
import html
import http.client
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import checkins

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "target/release/handrail"
BINARY = pathlib.Path(os.environ.get("HANDRAIL_BINARY", BINARY))
SIZES = [int(n) for n in os.environ.get("HANDRAIL_BENCH_CASES", "100000,1000000").split(",")]
RUNS = int(os.environ.get("HANDRAIL_BENCH_RUNS", "3"))
SECONDS = int(os.environ.get("HANDRAIL_BENCH_SECONDS", "8"))
PORT = 8097
PLAIN_PORT = 8096
PLAIN_PYTHON = ROOT / "target/bench-python/bin/python"
PASSWORD = "bench horse battery staple"
TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(pid):
    """Processor seconds that a process has used."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


def postgres_pids():
    return [int(p.split("/")[2]) for p in glob.glob("/proc/[0-9]*/comm") if pathlib.Path(p).exists() and pathlib.Path(p).read_text().strip() == "postgres"]


class Service:
    """A served service, on loopback only."""

    def __init__(self, arguments, key, command="serve"):
        self.environment = {**os.environ, "HANDRAIL_KEY_FILE": key, "HANDRAIL_LOG": "warn"}
        began = time.monotonic()
        self.process = subprocess.Popen([BINARY, command, "--listen", f"127.0.0.1:{PORT}", *arguments], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                if request("GET", "/health/ready")[0] == 200:
                    break
            except OSError:
                pass
            if time.monotonic() - began > 60:
                sys.exit("the service did not start")
            time.sleep(0.005)
        self.started_in = time.monotonic() - began

    def cpu(self, with_postgres):
        return cpu_of(self.process.pid) + (sum(cpu_of(p) for p in postgres_pids()) if with_postgres else 0)

    def memory(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()


def request(method, path, body=None, cookie=None, port=PORT):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Sec-Fetch-Site": "same-origin"}
    if body is not None:
        body = urllib.parse.urlencode(body)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if cookie:
        headers["Cookie"] = cookie
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, dict(answer.getheaders()), text


def sign_in(email="worker1@bench.example", password=PASSWORD):
    status, headers, text = request("POST", "/sign-in", {"email": email, "password": password})
    if status != 303:
        sys.exit(f"could not sign in: {status} {text[:300]}")
    cookie = headers.get("set-cookie") or headers.get("Set-Cookie")
    return cookie.split(";")[0]


def wrk(path, connections, cookie=None, script=None, seconds=SECONDS, port=PORT):
    """Requests, p99 in milliseconds, and whether all of them were answered as they should."""
    arguments = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency"]
    if cookie:
        arguments += ["-H", f"Cookie: {cookie}"]
    if script:
        arguments += ["-s", script]
    out = subprocess.run([*arguments, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True).stdout
    done = int(re.search(r"(\d+) requests in", out)[1])
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    millis = float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]]
    return done, millis, "Non-2xx" not in out, float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def measure(pages, runs=RUNS):
    """Medians of processor milliseconds a request and of p99 at 8 connections. The pages take turns in each run, so that what slows the machine down meets all of them.

    Each page is a name, its address, a cookie, what tells the processor seconds used so far, and the port.
    """
    for _, path, cookie, _, port in pages:
        wrk(path, 8, cookie, seconds=2, port=port)
    costs, tails = {page[0]: [] for page in pages}, {page[0]: [] for page in pages}
    for _ in range(runs):
        for name, path, cookie, cpu, port in pages:
            before = cpu()
            done, p99, fine, _ = wrk(path, 8, cookie, port=port)
            costs[name].append((cpu() - before) * 1000 / done)
            tails[name].append(p99)
            if not fine:
                sys.exit(f"{path}: some answers were errors")
    return {f"{name}_ms": statistics.median(seen) for name, seen in costs.items()} | {f"{name}_p99": statistics.median(seen) for name, seen in tails.items()}


def measure_sign_in(seconds=SECONDS):
    """Sign-ins a second at 8 connections, and p99: medians. Argon2id is slow on purpose."""
    script = pathlib.Path(tempfile.mkdtemp()) / "sign_in.lua"
    body = urllib.parse.urlencode({"password": PASSWORD})
    # Each request is for another account, so that no limit is met.
    script.write_text(
        'n = 1\nrequest = function()\n  n = n % 200 + 1\n  return wrk.format("POST", "/sign-in", {["Content-Type"] = "application/x-www-form-urlencoded", ["Sec-Fetch-Site"] = "same-origin"}, '
        f'"{body}&email=worker" .. n .. "%40bench.example")\nend\n'
    )
    rates, tails = [], []
    for _ in range(RUNS):
        _, p99, fine, rate = wrk("/sign-in", 8, script=str(script), seconds=seconds)
        if not fine:
            sys.exit("/sign-in: some answers were errors")
        rates.append(rate)
        tails.append(p99)
    return statistics.median(rates), statistics.median(tails)


def cases_of(cookie):
    """The open cases of a worker's team: they may record contacts on each of them."""
    found, page = [], "/cases?sort=name"
    while page and len(found) < 400:
        _, _, text = request("GET", page, cookie=cookie)
        found += re.findall(r'href="(/cases/[0-9a-f-]{36})"', text)
        more = re.search(r'rel="next"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*rel="next"', text)
        page = more and "/cases" + html.unescape(more[1] or more[2])
    return list(dict.fromkeys(found))


CONTACT = {
    "outcome": "done",
    "minutes": "22",
    "shared_note": "Talked about what a first day back could look like, and who would be there.",
    "next_time": "10:30",
}


def contact_form(version):
    next_on = datetime.date.today() + datetime.timedelta(days=7)
    return {**CONTACT, "version": str(version), "next_day": next_on.day, "next_month": next_on.month, "next_year": next_on.year}


def version_of(case, cookie):
    return re.search(r'name="version" value="(\d+)"', request("GET", f"{case}/contacts/new", cookie=cookie)[2])[1]


def case_with_twelve_contacts(cookie):
    """A case that was filled in with five contacts, and seven more through the page."""
    case = cases_of(cookie)[-1]
    for _ in range(7):
        status, _, text = request("POST", f"{case}/contacts/new", contact_form(version_of(case, cookie)), cookie)
        if status != 303:
            sys.exit(f"a contact was not recorded: {status} {text[:300]}")
    return case


def measure_writes(service, cookie, arguments, environment):
    """Contacts recorded a second through the page, 32 at once, and transactions of a bare loop that writes the same rows, turn by turn."""
    cases = cases_of(cookie)
    rates, bare, tails = [], [], []
    for _ in range(RUNS):
        versions = [version_of(case, cookie) for case in cases]
        done, p99, fine, rate = wrk("/", 32, script=recording(cases, versions, cookie))
        if not fine:
            sys.exit("recording a contact: some answers were errors")
        rates.append(rate)
        tails.append(p99)
        out = subprocess.run([BINARY, "bench-writes", "--connections", "32", "--seconds", str(SECONDS), *arguments], env=environment, capture_output=True, text=True, check=True).stdout
        bare.append(json.loads(out)["bare_per_second"])
    shares = [page / loop for page, loop in zip(rates, bare)]
    return {
        "writes_per_second": statistics.median(rates),
        "bare_per_second": statistics.median(bare),
        "writes_share": statistics.median(shares),
        "writes_p99": statistics.median(tails),
    }


def recording(cases, versions, cookie):
    """A script that records contacts on these cases in turn. There are more cases than connections: a case's last contact is answered before its next one is sent."""
    script = pathlib.Path(tempfile.mkdtemp()) / "record.lua"
    listed = ", ".join(f'"{case}"' for case in cases)
    body = urllib.parse.urlencode(contact_form("VERSION"))
    headers = f'["Content-Type"] = "application/x-www-form-urlencoded", ["Sec-Fetch-Site"] = "same-origin", ["Cookie"] = "{cookie}"'
    script.write_text(
        f"""cases = {{ {listed} }}
versions = {{ {", ".join(versions)} }}
n = 0
request = function()
  local i = n % #cases + 1
  n = n + 1
  local body = string.gsub("{body}", "VERSION", tostring(versions[i]))
  versions[i] = versions[i] + 1
  return wrk.format("POST", cases[i] .. "/contacts/new", {{{headers}}}, body)
end
"""
    )
    return str(script)


def measure_full_case(folder):
    """The page of a demonstration case in which everything is filled in: assessment, questionnaires, plan, fit notes, time off."""
    data = folder / "demo"
    service = Service(["--data", str(data)], str(folder / "demo.key"), "demo")
    accounts = json.loads((data / "accounts.json").read_text())
    cookies = [sign_in(a["email"], a["password"]) for a in accounts if a["role"] == "support_worker"]
    theirs = [(cookie, re.search(r'href="(/cases/[0-9a-f-]{36})"><strong>' + FULL_CASE, request("GET", "/people", cookie=cookie)[2])) for cookie in cookies]
    cookie, case = next((cookie, found[1]) for cookie, found in theirs if found)
    found = measure([("full_case", case, cookie, lambda: service.cpu(False), PORT)])
    service.stop()
    return found


FULL_CASE = "Maya Okonkwo"


def children_of(pid):
    return [int(stat.split("/")[2]) for stat in glob.glob("/proc/[0-9]*/stat") if parent_of(stat) == pid]


def parent_of(stat):
    try:
        return int(pathlib.Path(stat).read_text().rsplit(")", 1)[1].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


class PlainDjango:
    """A plain Django page of the same list, without audit: how fast this machine is, in what the goals were set against."""

    def __init__(self, folder):
        (folder / "plain.db").unlink(missing_ok=True)
        at = {"cwd": ROOT / "bench", "env": {**os.environ, "PLAIN_FOLDER": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}}
        self.cookie = subprocess.run([PLAIN_PYTHON, "plain_django.py", "fill"], stdout=subprocess.PIPE, text=True, check=True, **at).stdout.strip()
        gunicorn = [PLAIN_PYTHON, "-m", "gunicorn", "--workers", "2", "--threads", "4", "--log-level", "error", "--bind", f"127.0.0.1:{PLAIN_PORT}", "plain_django:application"]
        self.process = subprocess.Popen(gunicorn, **at)
        for _ in range(200):
            try:
                if request("GET", "/people", cookie=self.cookie, port=PLAIN_PORT)[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        self.stop()
        sys.exit("the plain Django page did not start")

    def cpu(self):
        return sum(map(cpu_of, children_of(self.process.pid)))

    def stop(self):
        self.process.terminate()
        self.process.wait()


def measure_absence():
    """Calendars of 24 months and 60 facts: one person, and 100,000 people on two threads."""
    out = subprocess.run([BINARY, "bench-absence"], capture_output=True, text=True, check=True).stdout
    found = json.loads(out)
    return {"calendar_ms": found["one_person"]["median_ms"], "calendars_seconds": found["people"]["seconds"]}


IMPORTED = 10_000


def import_rows(n, arguments, environment, folder):
    """Starts the n-th import of 10,000 rows, of other people than the last."""
    rows = ["key,name,born_on,phone,practice,referred_on,status,reason,notes"]
    first, last = ["Ada", "Bo", "Cy", "Dot", "Eve", "Flo", "Gus", "Hal", "Ivy", "Jo"], ["Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Maple", "Oak", "Rowan"]
    for row in range(IMPORTED):
        name = f"{first[row % 10]} {last[row // 10 % 10]}{chr(97 + n)}{chr(97 + row // 100 % 26)}{chr(97 + row // 2600)}"
        born = datetime.date(1960, 1, 1) + datetime.timedelta(days=(row * 37 + n * 11) % 14_600)
        rows.append(f"B{n}-{row:05},{name},{born},077{n}0 9{row:05},Y98000,2026-0{1 + row % 9}-11,waiting,Back pain,Asked about mornings.")
    (folder / "import.csv").write_text("\n".join(rows) + "\n")
    columns = "\n".join(f'{name} = "{name}"' for name in rows[0].split(","))
    (folder / "import.toml").write_text(f'source = "bench"\nprogramme = "bench-0"\n\n[columns]\n{columns}\n\n[status]\nwaiting = "waiting"\n\n[practice]\ny98000 = "Y98000"\n')
    return subprocess.Popen(
        [BINARY, "import", "cases", "--apply", "--allow-duplicates", "--as", "worker1@bench.example", "--mapping", folder / "import.toml", *arguments, folder / "import.csv"],
        env=environment,
        stdout=(folder / "import.log").open("w"),
        stderr=subprocess.STDOUT,
    )


def measure_import(case, cookie, arguments, environment, folder):
    """Medians of how long an import of 10,000 rows takes, alone and while *My people* and a case page are read by turns, and of the p99 of each meanwhile."""
    alone, beside = [], []
    tails = {"import_p99": [], "import_case_p99": []}
    for n in range(2 * RUNS):
        read = n % 2 == 1
        began = time.monotonic()
        importing = import_rows(n, arguments, environment, folder)
        while read and importing.poll() is None:
            for measure, path in zip(tails, ["/people", case]):
                _, p99, fine, _ = wrk(path, 8, cookie, seconds=2)
                tails[measure].append(p99)
                if not fine:
                    sys.exit(f"{path}: some answers were errors while an import ran")
        if importing.wait() != 0:
            sys.exit(f"the import: {(folder / 'import.log').read_text()[-600:]}")
        (beside if read else alone).append(time.monotonic() - began)
    return {
        "import_alone_seconds": statistics.median(alone),
        "import_seconds": statistics.median(beside),
        **{measure: statistics.median(seen) for measure, seen in tails.items()},
    }


def machine():
    cpu = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) // 1024 // 1024
    return f"{os.cpu_count()} cores ({cpu[1].strip() if cpu else platform.machine()}), {memory} GiB, {platform.system()} {platform.release()}"


def fill(kind, cases, folder):
    """Makes one database of one size: where it is, and how long that took. One that is there already is used again."""
    key = str(folder / f"{kind}-{cases}.key")
    done = folder / f"{kind}-{cases}.seconds"
    if kind == "sqlite":
        arguments = ["--data", str(folder / f"service-{cases}")]
    else:
        server = os.environ["HANDRAIL_TEST_DATABASE_URL"]
        name = f"handrail_bench_{cases}"
        base, query = server.split("?")
        if not done.exists():
            subprocess.run(["psql", "-q", f"{base}?{query}", "-c", f"DROP DATABASE IF EXISTS {name}", "-c", f"CREATE DATABASE {name}"], check=True)
        arguments = ["--database-url", f"{base.rsplit('/', 1)[0]}/{name}?{query}"]
    environment = {**os.environ, "HANDRAIL_KEY_FILE": key}
    if done.exists():
        return arguments, environment, float(done.read_text())
    if kind == "postgres":
        subprocess.run([BINARY, "migrate", *arguments], env=environment, check=True)
    began = time.monotonic()
    subprocess.run([BINARY, "bench-data", "--cases", str(cases), *arguments], env=environment, check=True)
    filled = time.monotonic() - began
    if kind == "postgres":
        subprocess.run(["psql", "-q", arguments[1], "-c", "VACUUM ANALYZE"], check=True)
    done.write_text(f"{filled:.0f}")
    print(kind, cases, f"filled in {filled:.0f} s", flush=True)
    return arguments, environment, filled


def run(kind, cases, folder, filled, plain):
    """Every measure of one filled database."""
    arguments, environment, seconds = filled
    starts = []
    for n in range(RUNS):
        if n:
            service.stop()
        service = Service(arguments, environment["HANDRAIL_KEY_FILE"])
        starts.append(service.started_in)
    cookie = sign_in()
    case = case_with_twelve_contacts(cookie)
    cpu = lambda: service.cpu(kind == "postgres")
    pages = [("people", "/people", cookie, cpu, PORT), ("case", case, cookie, cpu, PORT), ("django", "/people", plain.cookie, plain.cpu, PLAIN_PORT)]
    found = {"filled_seconds": seconds, "start_seconds": statistics.median(starts), **measure(pages)}
    found["people_share"], found["case_share"] = (found[page] / found["django_ms"] for page in ["people_ms", "case_ms"])
    found["sign_ins"], found["sign_in_p99"] = measure_sign_in()
    found |= measure_writes(service, cookie, arguments, environment)
    if cases == SIZES[0]:
        found |= measure_import(case, cookie, arguments, environment, folder)
    found["memory_mb"] = service.memory()
    service.stop()
    print(kind, cases, json.dumps(found, indent=1), flush=True)
    return found


def main():
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: install the package wrk")
    kinds = ["sqlite"] + (["postgres"] if os.environ.get("HANDRAIL_TEST_DATABASE_URL") else [])
    kept = os.environ.get("HANDRAIL_BENCH_FOLDER")
    folder = pathlib.Path(kept or tempfile.mkdtemp(prefix="handrail-bench-"))
    folder.mkdir(exist_ok=True)
    results, plain = {}, None
    try:
        # All are filled first, so that nothing of that is under way while others are measured.
        filled = {(kind, cases): fill(kind, cases, folder) for cases in SIZES for kind in kinds}
        once = measure_full_case(folder) | measure_absence()
        plain = PlainDjango(folder)
        for kind, cases in filled:
            results[kind, cases] = run(kind, cases, folder, filled[kind, cases], plain)
            # After each, so that a run that ends early leaves what it found.
            write(results, once)
        # Last of all: it is killed in the middle, and waits.
        soaks = {kind: checkins.soak(kind, checkins.PEOPLE) for kind in kinds}
        write(results, once, soaks)
    finally:
        if plain:
            plain.stop()
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


GOALS = [
    ("people_ms", "*My people*, 25 rows: processor time a request (ms)", lambda kind, n: "0.5" if kind == "sqlite" else "1"),
    ("people_p99", "*My people*: p99 at 8 connections (ms)", lambda kind, n: "10"),
    ("case_ms", "Case page with 12 contacts: processor time a request (ms)", lambda kind, n: "1"),
    ("case_p99", "Case page: p99 at 8 connections (ms)", lambda kind, n: "10"),
    ("django_ms", "A plain Django page of such a list, without audit, by turns with these two: processor time a request (ms)", lambda kind, n: "–"),
    ("people_share", "*My people*, as a share of that", lambda kind, n: "–"),
    ("case_share", "Case page, as a share of that", lambda kind, n: "–"),
    ("writes_per_second", "Contacts recorded a second, 32 at once", lambda kind, n: "–"),
    ("writes_p99", "Recording a contact: p99 at 32 connections (ms)", lambda kind, n: "–"),
    ("bare_per_second", "The same rows by a bare loop, a second", lambda kind, n: "–"),
    ("writes_share", "Share of the bare loop", lambda kind, n: "0.60"),
    ("import_alone_seconds", "An import of 10,000 rows (s)", lambda kind, n: "–"),
    ("import_p99", "*My people*: p99 while such an import runs (ms)", lambda kind, n: "–"),
    ("import_case_p99", "Case page: p99 while such an import runs (ms)", lambda kind, n: "–"),
    ("import_seconds", "An import, beside the reading (s)", lambda kind, n: "–"),
    ("sign_ins", "Sign-ins a second at 8 connections", lambda kind, n: "–"),
    ("sign_in_p99", "Sign-in: p99 (ms)", lambda kind, n: "–"),
    ("start_seconds", "Start until ready (s)", lambda kind, n: "0.5"),
    ("memory_mb", "Resident after all of it (MB)", lambda kind, n: "100"),
    ("filled_seconds", "`bench-data` (s)", lambda kind, n: "600" if kind == "sqlite" and n == 1_000_000 else "–"),
]


ONCE = [
    ("full_case_ms", "Case page of a demonstration person with everything filled in, SQLite: processor time a request (ms)", "–"),
    ("full_case_p99", "That page: p99 at 8 connections (ms)", "–"),
    ("calendar_ms", "One calendar of 24 months and 60 facts (ms, median of 200)", "1"),
    ("calendars_seconds", "100,000 such calendars on two threads (s)", "60"),
]


def write(results, once, soaks=None):
    revision = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    lines = [
        "# Speed, measured",
        "",
        f"Written by `make bench` on {datetime.date.today():%-d %B %Y} at revision {revision}: release build, permission checks and audit on, "
        f"medians of {RUNS} runs, of {SECONDS} seconds each for pages, contacts and signing in. Memory, filling and the asking of questions were measured once. Processor time is that of the server and, for PostgreSQL, of the database's processes too. "
        "The load came from wrk on the same machine, so it took part of the same cores.",
        "",
        f"Machine: {machine()}.",
        "",
    ]
    for kind in sorted({k for k, _ in results}, reverse=True):
        sizes = [n for k, n in results if k == kind]
        lines += [f"## {'SQLite' if kind == 'sqlite' else 'PostgreSQL'}", "", "| | goal | " + " | ".join(f"{n:,} cases" for n in sizes) + " |", "|---|--:|" + "--:|" * len(sizes)]
        for field, label, goal in GOALS:
            places = 3 if field in ("people_share", "case_share") else 2
            shown = [f"{results[kind, n][field]:.{places}f}" if field in results[kind, n] else "–" for n in sizes]
            lines.append(f"| {label} | {goal(kind, sizes[-1])} | " + " | ".join(shown) + " |")
        if len(sizes) > 1:
            cost = [results[kind, n]["people_ms"] for n in sizes]
            blank = " | ".join("" for _ in sizes[1:])
            lines.append(f"| *My people*: cost at {sizes[-1]:,} cases, times that at {sizes[0]:,} | 2 | {blank} | {cost[-1] / cost[0]:.2f} |")
        lines.append("")
    lines += ["## Both alike", "", "| | goal | seen |", "|---|--:|--:|"]
    lines += [f"| {label} | {goal} | {once[field]:.2f} |" for field, label, goal in ONCE]
    lines.append("")
    lines += checkins.section(soaks or {}, "release")
    lines += notes()
    (ROOT / "bench/RESULTS.md").write_text("\n".join(lines) + "\n")


def notes():
    kept = ROOT / "bench/NOTES.md"
    return ["## What to know about these numbers", "", kept.read_text().strip()] if kept.exists() else []


if __name__ == "__main__":
    main()
