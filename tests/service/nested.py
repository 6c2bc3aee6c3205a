"""A real systemd in namespaces of its own, over this machine's files: what the unit says is tried.

The root is an overlay of `/`, so that nothing has to be installed and nothing is changed; the
network is a loopback of its own. systemd runs a probe, whose answers it leaves in files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import monitor

UNIT = Path(__file__).parents[2] / "systemd" / "rasid.service"
SYSTEMD = Path("/lib/systemd/systemd")
PYTHON = Path(f"/usr/bin/python3.{sys.version_info.minor}")

# PrivateUsers needs a user namespace, which none of ours may have, and a nested systemd cannot hand
# over what LoadCredential names; the rest is as installed.
DROP_IN = """\
[Service]
PrivateUsers=no
RestartSec=1
StandardOutput=append:/said
StandardError=append:/said
"""
PROBE = """\
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/sh /probe.sh
"""
BOOT = """\
set -e
root=$1; new=$1/root
mount --make-rprivate /
mount -t overlay overlay -o lowerdir=/,upperdir=$root/upper,workdir=$root/work $new
mount -t proc proc $new/proc
mount -t sysfs sysfs $new/sys -o ro
mount -t tmpfs run $new/run
mount -t tmpfs tmp $new/tmp
mount -t tmpfs dev $new/dev
mknod -m 666 $new/dev/null c 1 3
mknod -m 666 $new/dev/zero c 1 5
mknod -m 666 $new/dev/full c 1 7
mknod -m 666 $new/dev/random c 1 8
mknod -m 666 $new/dev/urandom c 1 9
mknod -m 666 $new/dev/tty c 5 0
mkdir $new/dev/shm $new/dev/pts
mount -t tmpfs shm $new/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 pts $new/dev/pts
ln -s pts/ptmx $new/dev/ptmx
touch $new/dev/console
mount -t tmpfs cgroup $new/sys/fs/cgroup
mkdir $new/sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup $new/sys/fs/cgroup/systemd
mount --bind $2 $new/opt/rasid/lib/site-packages
mount --bind $3 $new/opt/rasid/lib/app/monitor
mount -o remount,bind,ro $new/opt/rasid/lib/site-packages
mount -o remount,bind,ro $new/opt/rasid/lib/app/monitor
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot $new $4 --system
"""
COMMAND = """\
#!{python}
import sys
sys.path[:0] = ["/opt/rasid/lib/app", "/opt/rasid/lib/site-packages"]
from monitor.cli.main import main
sys.exit(main())
"""


def unable() -> str | None:
    """Why this machine cannot do it; None where it can."""
    if os.geteuid() != 0:
        return "only root may make such namespaces"
    if not SYSTEMD.exists() or shutil.which("unshare") is None:
        return "systemd or unshare is not installed"
    if not PYTHON.exists():
        return f"the service's own Python, {PYTHON}, is not installed"
    tried = subprocess.run([*_unshare(), "true"], capture_output=True)
    return None if tried.returncode == 0 else "no namespaces here"


def boot(folder: Path, config: dict[str, str], probe: str, www: dict[str, str]) -> Path:
    """Boots systemd with the unit installed over that configuration, runs the probe (a shell
    script) and returns the folder where what it wrote stands."""
    upper = folder / "upper"
    (folder / "work").mkdir(parents=True)
    (folder / "root").mkdir()
    for path in ("opt/rasid/lib/site-packages", "opt/rasid/lib/app/monitor"):
        (upper / path).mkdir(parents=True)
    _write(upper / "opt/rasid/bin/rasid", COMMAND.format(python=PYTHON), 0o755)
    units = upper / "etc/systemd/system"
    _write(units / "rasid.service", UNIT.read_text("utf-8"))
    _write(units / "rasid.service.d/test.conf", DROP_IN)
    _write(units / "probe.service", PROBE)
    _write(units / "default.target", "[Unit]\nDescription=the probe\nWants=probe.service\n")
    for unit in ("systemd-tmpfiles-setup", "systemd-timesyncd"):  # slow, and of no use here
        (units / f"{unit}.service").symlink_to("/dev/null")
    for name, text in config.items():
        _write(upper / "etc/rasid" / name, text)
    for name, text in www.items():
        _write(upper / "www" / name, text)
    _write(upper / "probe.sh", f"{probe}\nsystemctl --no-block exit 0\n")
    _write(folder / "boot.sh", BOOT)
    libraries = Path(sys.prefix) / f"lib/python3.{sys.version_info.minor}/site-packages"
    package = Path(monitor.__file__).parent
    subprocess.run(
        [*_unshare(), "sh", folder / "boot.sh", folder, libraries, package, SYSTEMD],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip
    return upper


def _unshare() -> list[str]:
    kinds = ("mount", "pid", "ipc", "uts", "cgroup", "net")
    return ["unshare", *(f"--{kind}" for kind in kinds), "--fork", "--kill-child"]


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(mode)
