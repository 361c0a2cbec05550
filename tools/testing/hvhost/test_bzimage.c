// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel images: a good one is described, each kind of bad one is refused with
 * a reason of its own, and no cut of a file makes the parser read behind it.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "bzimage.h"

#define SETUP_SECTS	4
#define SETUP_LEN	((1 + SETUP_SECTS) * 512)
#define PAYLOAD_LEN	4096
#define FILE_LEN	(SETUP_LEN + PAYLOAD_LEN)

static uint8_t file[FILE_LEN];

static struct setup_header *header(void)
{
	return (struct setup_header *)(file + 0x1F1);
}

static int good_file(void **state)
{
	struct setup_header *h = header();

	(void)state;
	memset(file, 0, sizeof(file));
	h->setup_sects = SETUP_SECTS;
	h->boot_flag = 0xAA55;
	file[0x200] = 0xEB;	/* jmp over the header */
	file[0x201] = 0x6A;
	h->header = 0x53726448;
	h->version = 0x020F;
	h->loadflags = LOADED_HIGH;
	h->xloadflags = XLF_KERNEL_64;
	h->syssize = PAYLOAD_LEN / 16;
	h->pref_address = 0x1000000;
	h->init_size = 0x100000;
	h->cmdline_size = 2047;
	h->initrd_addr_max = 0x7FFFFFFF;
	memset(file + SETUP_LEN, 0x5A, PAYLOAD_LEN);
	return 0;
}

static void a_good_image_is_described(void **state)
{
	struct bzimage image;

	(void)state;
	assert_null(bzimage_parse(file, FILE_LEN, &image));
	assert_ptr_equal(image.payload, file + SETUP_LEN);
	assert_int_equal(image.payload_len, PAYLOAD_LEN);
	assert_int_equal(image.load_addr, 0x1000000);
	assert_int_equal(image.init_size, 0x100000);
	assert_int_equal(image.cmdline_max, 2047);
	assert_int_equal(image.initrd_max, 0x7FFFFFFF);
	assert_int_equal(image.hdr.version, 0x020F);
}

static void refused(const char *reason)
{
	struct bzimage image;
	const char *why = bzimage_parse(file, FILE_LEN, &image);

	assert_non_null(why);
	assert_non_null(strstr(why, reason));
}

static void each_fault_has_its_reason(void **state)
{
	(void)state;
	header()->boot_flag = 0;
	refused("not a bzImage");
	good_file(NULL);
	header()->header = 0;
	refused("not a bzImage");
	good_file(NULL);
	header()->version = 0x020B;
	refused("older than 2.12");
	good_file(NULL);
	header()->loadflags = 0;
	refused("zImage");
	good_file(NULL);
	header()->xloadflags = 0;
	refused("64-bit");
	good_file(NULL);
	header()->pref_address = 0xFFFFFFFFFFF00000;
	refused("load address");
	good_file(NULL);
	header()->pref_address = 0x1000001;
	refused("load address");
	good_file(NULL);
	header()->init_size = 0;
	refused("size in memory");
	good_file(NULL);
	header()->init_size = 2048;
	refused("contradicts");
	good_file(NULL);
	header()->syssize = PAYLOAD_LEN / 16 + 1;
	refused("cut off");
	good_file(NULL);
	header()->syssize = UINT32_MAX;
	refused("cut off");
	good_file(NULL);
	header()->setup_sects = 255;
	refused("cut off");
}

/* In memory of just its size, so that the sanitizer sees a byte too far. */
static void no_cut_is_taken_for_whole(void **state)
{
	struct bzimage image;

	(void)state;
	for (size_t len = 0; len < FILE_LEN; len++) {
		uint8_t *cut = malloc(len ? len : 1);

		memcpy(cut, file, len);
		assert_non_null(bzimage_parse(cut, len, &image));
		free(cut);
	}
}

static void no_setup_sectors_means_four(void **state)
{
	struct bzimage image;

	(void)state;
	header()->setup_sects = 0;
	assert_null(bzimage_parse(file, FILE_LEN, &image));
	assert_ptr_equal(image.payload, file + SETUP_LEN);
}

static void what_an_old_header_lacks_is_zero(void **state)
{
	struct bzimage image;

	(void)state;
	/* The header ends before init_size, whatever stands there. */
	file[0x201] = 0x40;
	assert_string_equal(bzimage_parse(file, FILE_LEN, &image),
			    "preferred load address out of range");
	assert_int_equal(image.hdr.init_size, 0);
}

static void noise_is_survived(void **state)
{
	struct bzimage image;

	(void)state;
	srand(1);
	for (int turn = 0; turn < 20000; turn++) {
		good_file(NULL);
		for (int i = 0; i < 4; i++)
			file[0x1F1 + rand() % 0x90] = (uint8_t)rand();
		if (!bzimage_parse(file, FILE_LEN, &image))
			assert_true((const uint8_t *)image.payload +
				    image.payload_len <= file + FILE_LEN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_good_image_is_described, good_file),
		cmocka_unit_test_setup(each_fault_has_its_reason, good_file),
		cmocka_unit_test_setup(no_cut_is_taken_for_whole, good_file),
		cmocka_unit_test_setup(no_setup_sectors_means_four, good_file),
		cmocka_unit_test_setup(what_an_old_header_lacks_is_zero, good_file),
		cmocka_unit_test_setup(noise_is_survived, good_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
