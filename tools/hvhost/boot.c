// SPDX-License-Identifier: GPL-2.0
/*
 * Puts a Linux kernel into guest RAM: the 64-bit boot protocol of the kernel's
 * Documentation/x86/boot.rst, with identity page tables and a zero page.
 */
#include <asm/bootparam.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot.h"
#include "bzimage.h"
#include "guest_mem.h"
#include "layout.h"
#include "msg.h"

#define E820_RAM		1
#define E820_RESERVED		2
#define LOADER_UNREGISTERED	0xFF

#define PT_PRESENT_WRITE	0x3ull
#define PT_LARGE		0x80ull
#define PT_ENTRIES		512u
#define PT_LARGE_BYTES		(2 * MIB)
#define PT_IDENTITY_GIB		4u

/* Flat 64-bit code and data, accessed, present */
#define GDT_CODE64		0x00AF9B000000FFFFull
#define GDT_DATA		0x00CF93000000FFFFull

/* An address that the layout promises to be RAM. */
static void *low_ram(uint64_t addr, uint64_t len)
{
	void *p = gm_ptr(gpa(addr), len);

	if (!p)
		fatal(STATUS_FAILED, "no guest RAM at 0x%llx: layout.h is wrong",
		      (unsigned long long)addr);
	return p;
}

static uint64_t file_size(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st))
		fatal(STATUS_FAILED, "%s: cannot be read: %s", path,
		      strerror(errno));
	if (!S_ISREG(st.st_mode))
		fatal(STATUS_FAILED, "%s: not a regular file, name a file", path);
	return (uint64_t)st.st_size;
}

static int open_file(const char *option, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fatal(STATUS_FAILED, "%s %s: %s, name a file that can be read",
		      option, path, strerror(errno));
	return fd;
}

static void read_whole(int fd, const char *path, void *dst, uint64_t len)
{
	uint64_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)dst + done, len - done);

		if (n > 0)
			done += (uint64_t)n;
		else if (n == 0)
			fatal(STATUS_FAILED, "%s: became shorter while it was read",
			      path);
		else if (errno != EINTR)
			fatal(STATUS_FAILED, "%s: cannot be read: %s", path,
			      strerror(errno));
	}
}

static uint64_t ram_below_hole(uint64_t ram)
{
	return ram < LAYOUT_RAM_HOLE ? ram : LAYOUT_RAM_HOLE;
}

static struct setup_header load_kernel(const struct boot_request *req,
				       struct bzimage *image)
{
	int fd = open_file("--kernel", req->kernel);
	uint64_t len = file_size(fd, req->kernel);
	const char *why = "empty file";
	void *file = NULL;

	if (len) {
		file = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
		if (file == MAP_FAILED)
			fatal(STATUS_FAILED, "--kernel %s: cannot be mapped: %s",
			      req->kernel, strerror(errno));
		why = bzimage_parse(file, len, image);
	}
	if (why)
		fatal(STATUS_FAILED, "--kernel %s: %s, name an x86-64 bzImage",
		      req->kernel, why);
	if (image->load_addr + image->init_size > ram_below_hole(req->ram))
		fatal(STATUS_FAILED,
		      "--memory %llu: the kernel needs RAM up to %llu MiB, give more",
		      req->ram / MIB,
		      (image->load_addr + image->init_size + MIB - 1) / MIB);
	memcpy(low_ram(image->load_addr, image->init_size), image->payload,
	       image->payload_len);
	munmap(file, len);
	close(fd);
	return image->hdr;
}

/* Sum of all files, each padded to 4 bytes as cpio archives may follow so. */
static uint64_t initrd_bytes(const struct boot_request *req, int *fds,
			     uint64_t *lens)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < req->initrd_count; i++) {
		fds[i] = open_file("--initrd", req->initrds[i]);
		lens[i] = file_size(fds[i], req->initrds[i]);
		sum += (lens[i] + 3) & ~3ull;
	}
	return sum;
}

static void load_initrds(const struct boot_request *req,
			 const struct bzimage *image, struct setup_header *hdr)
{
	uint64_t top = ram_below_hole(req->ram);
	uint64_t lens[req->initrd_count + 1], sum, addr;
	int fds[req->initrd_count + 1];
	char *dst;

	if (!req->initrd_count)
		return;
	sum = initrd_bytes(req, fds, lens);
	if (top > image->initrd_max + 1)
		top = image->initrd_max + 1;
	addr = sum < top ? (top - sum) & ~(uint64_t)(HV_PAGE_SIZE - 1) : 0;
	if (addr < image->load_addr + image->init_size)
		fatal(STATUS_FAILED,
		      "--memory %llu: no room for %llu MiB of initrd, give more",
		      req->ram / MIB, sum / MIB);
	dst = low_ram(addr, sum);
	for (unsigned int i = 0; i < req->initrd_count; i++) {
		read_whole(fds[i], req->initrds[i], dst, lens[i]);
		dst += (lens[i] + 3) & ~3ull;
		close(fds[i]);
	}
	hdr->ramdisk_image = (uint32_t)addr;
	hdr->ramdisk_size = (uint32_t)sum;
}

static void load_cmdline(const struct boot_request *req,
			 const struct bzimage *image, struct setup_header *hdr)
{
	size_t len = strlen(req->cmdline);

	if (len > image->cmdline_max || len >= LAYOUT_CMDLINE_MAX)
		fatal(STATUS_USAGE,
		      "--append: %zu bytes, the kernel takes %u, shorten it",
		      len, image->cmdline_max);
	memcpy(low_ram(LAYOUT_CMDLINE, len + 1), req->cmdline, len + 1);
	hdr->cmd_line_ptr = LAYOUT_CMDLINE;
}

static void add_e820(struct boot_params *zp, uint64_t start, uint64_t end,
		     uint32_t type)
{
	struct boot_e820_entry *e = &zp->e820_table[zp->e820_entries++];

	e->addr = start;
	e->size = end - start;
	e->type = type;
}

static void write_zero_page(const struct boot_request *req,
			    const struct setup_header *hdr)
{
	struct boot_params *zp = low_ram(LAYOUT_ZERO_PAGE, sizeof(*zp));

	memset(zp, 0, sizeof(*zp));
	zp->hdr = *hdr;
	zp->hdr.type_of_loader = LOADER_UNREGISTERED;
	zp->acpi_rsdp_addr = req->rsdp;
	add_e820(zp, 0, LAYOUT_LOW_RAM_END, E820_RAM);
	add_e820(zp, LAYOUT_ACPI, LAYOUT_ACPI_END, E820_RESERVED);
	add_e820(zp, LAYOUT_HIGH_RAM, ram_below_hole(req->ram), E820_RAM);
	if (req->ram > LAYOUT_RAM_HOLE)
		add_e820(zp, LAYOUT_RAM_ABOVE,
			 LAYOUT_RAM_ABOVE + req->ram - LAYOUT_RAM_HOLE,
			 E820_RAM);
}

/* One page each: level 4, level 3, and a level 2 for every GiB. */
static void write_page_tables(void)
{
	uint64_t *pt = low_ram(LAYOUT_PAGE_TABLES,
			       (2 + PT_IDENTITY_GIB) * HV_PAGE_SIZE);
	uint64_t *l3 = pt + PT_ENTRIES;
	uint64_t *l2 = l3 + PT_ENTRIES;
	uint64_t next = LAYOUT_PAGE_TABLES + 2 * HV_PAGE_SIZE;

	pt[0] = (LAYOUT_PAGE_TABLES + HV_PAGE_SIZE) | PT_PRESENT_WRITE;
	for (unsigned int i = 0; i < PT_IDENTITY_GIB; i++)
		l3[i] = (next + i * HV_PAGE_SIZE) | PT_PRESENT_WRITE;
	for (unsigned int i = 0; i < PT_IDENTITY_GIB * PT_ENTRIES; i++)
		l2[i] = i * PT_LARGE_BYTES | PT_LARGE | PT_PRESENT_WRITE;
}

static uint16_t write_gdt(void)
{
	static const uint64_t gdt[] = { 0, 0, GDT_CODE64, GDT_DATA };

	memcpy(low_ram(LAYOUT_GDT, sizeof(gdt)), gdt, sizeof(gdt));
	return sizeof(gdt);
}

struct boot_entry boot_load(const struct boot_request *req)
{
	struct bzimage image;
	struct setup_header hdr = load_kernel(req, &image);

	load_initrds(req, &image, &hdr);
	load_cmdline(req, &image, &hdr);
	write_zero_page(req, &hdr);
	write_page_tables();
	return (struct boot_entry){
		.rip = image.load_addr + BZIMAGE_ENTRY_64,
		.rsi = LAYOUT_ZERO_PAGE,
		.cr3 = LAYOUT_PAGE_TABLES,
		.gdt = LAYOUT_GDT,
		.gdt_len = write_gdt(),
	};
}
