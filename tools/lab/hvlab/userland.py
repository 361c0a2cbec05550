# SPDX-License-Identifier: GPL-2.0
"""The programs in a guest, and the cpio archives that carry them.

One root serves the guest, the first-level machine and the peer: busybox for
the small tools, and the real iproute2, ethtool, ping, iperf3, netperf, tcpdump,
kmod, bpftool and xdp-tools with the libraries they need.
"""

import shutil
import subprocess

from .archive import Archive
from .cache import hash_of
from .ui import LabError
from .unpacked import LIBRARIES, LOADER, command, unpack_programs

# busybox, not busybox-static: the static one runs its own ip and ping instead of
# the real ones, even under timeout or setsid.
PROGRAMS = ("busybox", "dash", "bash", "iproute2", "ethtool",
            "iputils-ping", "iperf3", "netperf", "tcpdump", "kmod",
            "dropbear-bin", "bpftool", "xdp-tools",
            "kexec-tools")
# These stand beside it as NAME-newer: what they show of newer kernels the
# release's own do not know yet.
NEWER_RELEASE = "trixie"
NEWER_ROOT = "opt/newer"
NEWER = {"ethtool": "usr/sbin/ethtool", "bpftool": "usr/sbin/bpftool"}
# Libraries that only Perl, dpkg or PAM want.
NEEDLESS = ("libperl", "libfile-", "libnumber-", "libtext-", "libsemanage",
            "libsepol", "libpam", "libaudit", "libgdbm")
# What a guest never reads.
NEEDLESS_FILES = ("usr/share/doc", "usr/share/man", "usr/share/locale",
                  "usr/share/info", "usr/share/lintian", "usr/share/bug",
                  "usr/share/bash-completion", "usr/share/zsh",
                  "usr/lib/x86_64-linux-gnu/gconv",
                  "usr/lib/x86_64-linux-gnu/perl-base",
                  "usr/lib/x86_64-linux-gnu/audit", "usr/share/initramfs-tools",
                  "etc/systemd", "usr/lib/systemd", "etc/init.d", "var")
# Modules a guest or the first level may want; their dependencies come along.
MODULES = ("hv_vmbus", "hv_netvsc", "hv_utils", "hv_balloon", "pci-hyperv",
           "ixgbevf", "vmxnet3", "gve", "af_packet", "tun", "veth", "bridge",
           "dummy", "bonding", "macvlan", "ipvlan", "8021q", "vxlan", "gre",
           "ip_gre", "pktgen", "netconsole", "sch_fq", "sch_fq_codel",
           "sch_ingress", "sch_netem", "sch_tbf", "sch_prio", "sch_mqprio",
           "sch_multiq", "cls_bpf", "cls_matchall", "cls_flower", "cls_u32",
           "act_mirred", "act_gact", "act_skbedit", "act_bpf", "ifb",
           "nf_tables", "nft_chain_nat", "ip_tables", "xt_conntrack", "tls",
           "tcp_bbr", "xdp_diag", "unix_diag", "tcp_diag", "inet_diag",
           "virtio_pci", "virtio_net", "virtio_blk", "kvm", "kvm-amd",
           "kvm-intel", "vhost_net", "sctp", "msr", "cpuid", "uio_hv_generic")


def root(cache, archive, ui):
    """The unpacked programs (a directory)."""
    key = hash_of(*PROGRAMS, *NEEDLESS, *NEEDLESS_FILES, archive.release,
                  NEWER_RELEASE, *NEWER, "1")

    def build(made):
        ui.long_step("fetching the guest's programs (about 15 MB, once)")
        unpack_programs(archive, PROGRAMS, made, skip=NEEDLESS)
        _add_newer(made, Archive(cache, ui, NEWER_RELEASE))
        for name in NEEDLESS_FILES:
            shutil.rmtree(made / name, ignore_errors=True)
            shutil.rmtree(made / NEWER_ROOT / name, ignore_errors=True)
        _busybox_links(made)

    return cache.item("userland", key, build)


def _add_newer(made, archive):
    """The programs in NEWER, each started with the libraries of its release."""
    unpack_programs(archive, tuple(NEWER), made / NEWER_ROOT, skip=NEEDLESS)
    for name, path in NEWER.items():
        script = made / f"usr/bin/{name}-newer"
        script.write_text(f"#!/bin/sh\nexec /{NEWER_ROOT}/{LOADER} --library-path "
                          f'/{NEWER_ROOT}/{LIBRARIES} /{NEWER_ROOT}/{path} "$@"\n',
                          encoding="ascii")
        script.chmod(0o755)


def _busybox_links(made):
    """Small tools by busybox wherever no real one stands."""
    out = subprocess.run([*command(made, "usr/bin/busybox"), "--list-full"], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    for applet in out.split():
        name = applet.rsplit("/", 1)[-1]
        places = [made / "usr" / d / name for d in ("bin", "sbin")]
        if not any(place.exists() or place.is_symlink() for place in places):
            (made / "usr/bin" / name).symlink_to("busybox")


def base_image(kernel, cache, archive, ui):
    """An initramfs (file) with the programs and KERNEL's modules.

    Beside it stands the directory modules/ with what is in it of the kernel's.
    """
    programs = root(cache, archive, ui)
    key = hash_of(programs.name, *MODULES, str(kernel.modules),
                  (kernel.modules / "modules.dep").read_bytes(), "2")

    def build(made):
        ui.progress("packing the guest's image")
        stage = made / "stage"
        shutil.copytree(programs, stage, symlinks=True)
        _copy_modules(kernel, stage)
        for name in ("dev", "proc", "sys", "run", "tmp", "root", "etc", "lab"):
            (stage / name).mkdir(exist_ok=True)
        pack(stage, made / "base.cpio")
        (stage / "usr/lib/modules").rename(made / "modules")
        shutil.rmtree(stage)

    return cache.item(f"image-{kernel.version}", key, build) / "base.cpio"


def module_files(kernel, names):
    """Paths (below the modules directory) of NAMES and what they depend on."""
    needs, by_name = {}, {}
    with open(kernel.modules / "modules.dep", encoding="utf-8") as file:
        for line in file:
            path, _, deps = line.partition(":")
            needs[path] = deps.split()
            name = path.rsplit("/", 1)[-1].split(".ko")[0]
            by_name[name.replace("-", "_")] = path
    todo = [by_name[name.replace("-", "_")] for name in names
            if name.replace("-", "_") in by_name]
    found = set()
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += needs[path]
    return sorted(found)


def _copy_modules(kernel, stage):
    target = stage / "usr/lib/modules" / kernel.version
    for path in module_files(kernel, MODULES):
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(kernel.modules / path, file)
        _uncompress(file)
    for path in kernel.modules.glob("modules.builtin*"):
        shutil.copy(path, target)
    shutil.copy(kernel.modules / "modules.order", target)
    subprocess.run(["depmod", "-b", stage, kernel.version], check=True)


def _uncompress(file):
    """A guest's kmod may not know the compression: unpack here."""
    tools = {".xz": "xz", ".zst": "zstd", ".gz": "gzip"}
    if file.suffix in tools:
        done = subprocess.run([tools[file.suffix], "-dq", file], check=False)
        if done.returncode:
            raise LabError(f"unpacking {file.name}", "it failed",
                           f"is {tools[file.suffix]} installed?")


def pack(stage, out):
    """Make an uncompressed cpio archive OUT of the tree STAGE."""
    names = subprocess.run(["find", ".", "-mindepth", "1", "-print0"], cwd=stage,
                           stdout=subprocess.PIPE, check=True).stdout
    with open(out, "wb") as file:
        subprocess.run(["cpio", "--quiet", "-0o", "-H", "newc", "-R", "0:0"],
                       cwd=stage, input=names, stdout=file, check=True)


def accounts(stage):
    """The account files that ssh and ordinary tools expect."""
    etc = stage / "etc"
    etc.mkdir(exist_ok=True)
    (etc / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n"
                                "nobody:x:65534:65534:nobody:/:/bin/false\n")
    (etc / "group").write_text("root:x:0:\nnogroup:x:65534:\n")
    (etc / "shells").write_text("/bin/sh\n")
    (etc / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    (etc / "nsswitch.conf").write_text("hosts: files\npasswd: files\n")
