"""A second file of plugins: its formats reach for what isn't theirs, or leave something behind."""

RUDE = '''
import decimal, os, re, signal, subprocess, sys, threading, time
from storj_monitor.plugin import Format, hookimpl

LATE = b'{"type":"ending","part":"another","status":"done","rows":1,"bytes":1,"seconds":1}\\n'

def lines(document):
    for row in document.sole_table.rows():
        yield f"{row[0]}\\n".encode()

def read(document):
    """Read all rows, so that what is given next is sent at once."""
    list(document.sole_table.rows())

def line_to_server():
    """Return a descriptor of it: no other socket is open in a worker."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
            return int(name)

def saying(words, then=lines):
    def render(document):
        os.write(line_to_server(), words)
        yield from then(document)
    return render

def saying_later(document):
    yield from lines(document)
    def say():
        time.sleep(2)
        os.write(line_to_server(), LATE)
    threading.Thread(target=say, daemon=True).start()

def hanging(document):
    read(document)
    time.sleep(0.01)
    while True:
        pass
    yield b""

def forking_then_hanging(document):
    read(document)
    child = os.fork() or time.sleep(300)
    yield str(child).encode()
    while True:
        pass

def handing_on(document):
    """Crash beside a process, in a session of its own, that has the line to the server."""
    read(document)
    line = line_to_server()
    os.set_inheritable(line, True)
    child = subprocess.Popen(["sleep", "300"], pass_fds=[line], start_new_session=True)
    yield str(child.pid).encode()
    time.sleep(0.5)
    os._exit(3)

def forked_away(document):
    read(document)
    child = os.fork()
    if not child:
        os.setsid()
        time.sleep(300)
    yield str(child).encode()
    time.sleep(0.5)
    os._exit(3)

def going_on(child_waits, parent_waits):
    """Fork a child that goes on where its parent was."""
    def render(document):
        child = os.fork()
        time.sleep(parent_waits if child else child_waits)
        yield f"{child}\\n".encode()
        yield from lines(document)
    return render

def leaving(document):
    if not os.fork():
        sys.exit("no more")
    yield from lines(document)

def locking(document):
    read(document)
    yield str(os.getpid()).encode()
    re.match(r"(a+)+$", "a" * 64 + "b")

def closing(document):
    yield from lines(document)
    os.close(1)

def printing(document):
    yield from lines(document)
    print("printed", flush=True)

def truncating(document):
    yield from lines(document)
    yield bytes(300_000)
    for name in os.listdir("/proc/self/fd"):
        path = os.readlink(f"/proc/self/fd/{name}") if name.isdigit() and int(name) > 2 else ""
        if path.endswith(".part"):
            os.truncate(path, 0)
            break
    yield b"more"

def rounding(document):
    read(document)
    decimal.getcontext().prec = 3
    yield b"done"

def dividing(document):
    read(document)
    yield str(decimal.Decimal(1) / 3).encode()

def telling(document):
    read(document)
    yield str(os.getpid()).encode()

def alarming(document):
    yield from lines(document)
    signal.alarm(1)

def raising(document):
    yield from lines(document)
    raise ValueError("\\udce9" + "x" * 3_000_000)

def unhurried(document):
    yield from lines(document)
    time.sleep(1)

FORMATS = {
    "late": saying(LATE),
    "nonsense": saying(b"nonsense\\n", hanging),
    "endless_line": saying(b"x" * 2_000_000, hanging),
    "saying_later": saying_later,
    "forking_then_hanging": forking_then_hanging,
    "handing_on": handing_on,
    "forked_away": forked_away,
    "going_on_first": going_on(0, 0.3),
    "going_on_later": going_on(0.3, 0),
    "leaving_twice": leaving,
    "locking": locking,
    "closing": closing,
    "printing": printing,
    "truncating": truncating,
    "rounding": rounding,
    "dividing": dividing,
    "telling_too": telling,
    "alarming": alarming,
    "raising": raising,
    "unhurried": unhurried,
}

@hookimpl
def storj_formats():
    return [
        Format(name=name, title=name, media_type="text/plain", render=render)
        for name, render in FORMATS.items()
    ]
'''
