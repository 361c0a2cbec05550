# SPDX-License-Identifier: GPL-2.0
"""The small archive laid over a guest's base image: one job's own files."""

import shlex
import shutil
import subprocess
from pathlib import Path, PurePosixPath

from . import userland
from .cache import checkout
from .nics import UsageError

INGUEST = "tools/lab/inguest"


def make(out, job, cache):
    """Write the archive OUT for JOB (job.Job)."""
    with cache.scratch() as tmp:
        stage = tmp / "stage"
        for name in ("lab", "usr/bin", "usr/sbin", "etc"):
            (stage / name).mkdir(parents=True)
        source = checkout() / INGUEST
        shutil.copy(source / "init", stage / "init")
        shutil.copy(source / "lab-net", stage / "usr/sbin/lab-net")
        shutil.copy(source / "complaints", stage / "usr/sbin/complaints")
        shutil.copy(source / "splats", stage / "lab/splats")
        for program in job.programs.iterdir():
            shutil.copy(program, stage / "usr/bin")
        shutil.copy(job.hostctl, stage / "usr/bin/hostctl")
        if job.with_kernel:
            shutil.copy(job.kernel.image, stage / "lab/kernel")
        userland.accounts(stage)
        _write_job(stage, job)
        if job.module or job.vf_module:
            _add_modules(stage, job, tmp)
        for spec in job.files:
            _add_file(stage, spec)
        userland.pack(stage, out)


def _write_job(stage, job):
    env = {"LAB_DRIVER": job.driver, "LAB_MODULE": job.module_name,
           "LAB_NO_NET": "1" if job.no_net else "",
           "LAB_VF": " ".join({nic.vf_driver: "" for nic in job.nics
                               if nic.vf_driver}),
           "LAB_SHELL": "" if job.command else "1",
           "LAB_ROWS": job.rows, "LAB_COLUMNS": job.columns,
           "TERM": job.term}
    text = "".join(f"{key}={shlex.quote(str(value))}\n"
                   for key, value in env.items())
    (stage / "lab/job.env").write_text(text + "export LAB_DRIVER LAB_NO_NET TERM\n",
                                       encoding="utf-8")
    nics = "".join(nic.guest_line() for nic in job.nics if nic.tap)
    (stage / "lab/nics").write_text(nics, encoding="ascii")
    if job.command:
        (stage / "lab/command").write_text(
            "exec " + shlex.join(job.command) + "\n", encoding="utf-8")


def _add_modules(stage, job, tmp):
    """Put modules into updates/, which depmod prefers to the kernel's own."""
    version = job.kernel.version
    tree = tmp / "depmod"
    modules = tree / "lib/modules" / version
    modules.mkdir(parents=True)
    # As the base image has them: not compressed.
    base = job.base.parent / "modules" / version
    for path in base.rglob("*.ko"):
        link = modules / path.relative_to(base)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    for path in [*base.glob("modules.builtin*"), base / "modules.order"]:
        shutil.copy(path, modules)
    (modules / "updates").mkdir()
    if job.module:
        _copy_module(job.module, modules / "updates" / f"{job.module_name}.ko")
    if job.vf_module:
        _copy_module(job.vf_module, modules / "updates" / job.vf_module.name)
    subprocess.run(["depmod", "-b", tree, version], check=True)
    target = stage / "usr/lib/modules" / version
    target.mkdir(parents=True)
    for path in modules.glob("modules.*"):
        shutil.copy(path, target)
    shutil.copytree(modules / "updates", target / "updates")


def _copy_module(source, target):
    """Without what only a debugger reads: twenty times the rest, all of it in RAM."""
    subprocess.run(["strip", "--strip-debug", "-o", target, source], check=True)


def split_file(spec):
    """(source, path in the guest) of --file SRC[:DST]; DST / means a folder."""
    source, _, target = spec.partition(":")
    path = Path(source)
    if not path.exists():
        raise UsageError(f"--file {spec}: no {source} here")
    target = target or path.name
    if target.endswith("/"):
        target += path.name
    return path, PurePosixPath("/root" if not target.startswith("/") else "/",
                               target.lstrip("/"))


def _add_file(stage, spec):
    source, target = split_file(spec)
    # /bin, /sbin and /lib are links in the base image.
    parts = target.parts[1:]
    if parts[0] in ("bin", "sbin", "lib", "lib64"):
        parts = ("usr", *parts)
    path = stage.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, path, symlinks=True, dirs_exist_ok=True)
    else:
        shutil.copy(source, path)
