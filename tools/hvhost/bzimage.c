// SPDX-License-Identifier: GPL-2.0
/*
 * A Linux x86 kernel image file, looked at.
 */
#include <string.h>

#include "bzimage.h"
#include "layout.h"

#define SECTOR			512u
#define HEADER_OFF		0x1F1u	/* struct setup_header */
#define HEADER_LEN_OFF		0x201u	/* displacement of the jump at 0x200 */
#define HEADER_MAGIC		0x53726448u	/* "HdrS" */
#define BOOT_FLAG		0xAA55u
#define PROTOCOL_64BIT		0x020Cu	/* 2.12 brought xloadflags */
#define DEFAULT_SETUP_SECTS	4u	/* what 0 stands for */
#define SYSSIZE_UNIT		16u

_Static_assert(offsetof(struct boot_params, hdr) == HEADER_OFF,
	       "the zero page has the header where the file has it");

/* The header ends where the jump at its start leads: older ones are shorter. */
static void copy_header(const uint8_t *file, struct setup_header *hdr)
{
	size_t len = HEADER_LEN_OFF + 1 + file[HEADER_LEN_OFF] - HEADER_OFF;

	memset(hdr, 0, sizeof(*hdr));
	memcpy(hdr, file + HEADER_OFF, len < sizeof(*hdr) ? len : sizeof(*hdr));
}

static const char *check_header(const struct setup_header *hdr)
{
	if (hdr->boot_flag != BOOT_FLAG || hdr->header != HEADER_MAGIC)
		return "not a bzImage (no boot flag, no HdrS)";
	if (hdr->version < PROTOCOL_64BIT)
		return "boot protocol older than 2.12";
	if (!(hdr->loadflags & LOADED_HIGH))
		return "a zImage, not a bzImage";
	if (!(hdr->xloadflags & XLF_KERNEL_64))
		return "no 64-bit entry point (a 32-bit kernel?)";
	if (!hdr->pref_address || hdr->pref_address % MIB ||
	    hdr->pref_address >= LAYOUT_RAM_HOLE)
		return "preferred load address out of range";
	if (!hdr->init_size || !hdr->cmdline_size)
		return "header says nothing of its size in memory";
	return NULL;
}

const char *bzimage_parse(const void *file, size_t len, struct bzimage *out)
{
	const char *why;
	size_t setup_len;

	/* The shortest file has a header page that copy_header() can read. */
	if (len < HEADER_LEN_OFF + 1 + UINT8_MAX)
		return "too short for a kernel image";
	copy_header(file, &out->hdr);
	why = check_header(&out->hdr);
	if (why)
		return why;
	setup_len = SECTOR * (1 + (out->hdr.setup_sects ? out->hdr.setup_sects :
				   DEFAULT_SETUP_SECTS));
	if (len <= setup_len + BZIMAGE_ENTRY_64)
		return "cut off inside the real-mode part";
	out->payload = (const uint8_t *)file + setup_len;
	out->payload_len = (size_t)out->hdr.syssize * SYSSIZE_UNIT;
	if (out->payload_len <= BZIMAGE_ENTRY_64 ||
	    out->payload_len > len - setup_len)
		return "cut off: the header announces more than the file has";
	if (out->payload_len > out->hdr.init_size)
		return "header contradicts itself (file larger than in memory)";
	out->load_addr = out->hdr.pref_address;
	out->init_size = out->hdr.init_size;
	out->initrd_max = out->hdr.initrd_addr_max;
	out->cmdline_max = out->hdr.cmdline_size;
	return NULL;
}
