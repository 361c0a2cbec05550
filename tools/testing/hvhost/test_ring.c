// SPDX-License-Identifier: GPL-2.0
/*
 * One ring against an independent stupid model: byte counters that never wrap,
 * and a copy of every byte ever written.
 */
#include "test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "guest_mem.h"
#include "ring.h"

#define MAX_PAGES 5

static uint8_t mem[MAX_PAGES][HV_PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t *pages[MAX_PAGES];
static struct vmbus_ring_header *hdr;

/* Pages in reverse order, so that a wrong page number shows. */
static void ring_make(uint32_t count)
{
	memset(mem, 0, sizeof(mem));
	for (uint32_t i = 0; i < count; i++)
		pages[i] = mem[MAX_PAGES - 1 - i];
	hdr = (struct vmbus_ring_header *)pages[0];
}

static uint8_t *byte_at(uint64_t total, uint32_t size)
{
	uint32_t at = total % size;

	return &pages[1 + at / HV_PAGE_SIZE][at % HV_PAGE_SIZE];
}

/* The byte that stands at place @total of the endless stream. */
static uint8_t stream(uint64_t total)
{
	return total * 2654435761u >> 13;
}

/* --- reading --- */

static void reader_gets_what_was_written_in_order_across_the_wrap(void **state)
{
	uint64_t written = 0, done = 0, published = 0;
	struct ring_consumer c;
	uint8_t buf[4096 * 4];

	(void)state;
	for (uint32_t count = 2; count <= MAX_PAGES; count++) {
		const uint32_t size = (count - 1) * HV_PAGE_SIZE;

		written = 0, done = 0, published = 0;
		ring_make(count);
		assert_int_equal(ring_consumer_init(&c, pages, count), 0);
		for (int turn = 0; turn < 20000; turn++) {
			uint64_t room = size - 8 - (written - published);
			uint32_t n = rand() % (room / 8 + 1) * 8;

			for (uint32_t i = 0; i < n; i++, written++)
				*byte_at(written, size) = stream(written);
			hdr->write_index = written % size;
			assert_int_equal(ring_consumer_avail(&c),
					 written - done);

			n = rand() % ((written - done) / 8 + 1) * 8;
			ring_consumer_copy(&c, 0, buf, n);
			for (uint32_t i = 0; i < n; i++)
				assert_int_equal(buf[i], stream(done + i));
			ring_consumer_skip(&c, n);
			done += n;
			if (rand() % 3)
				continue;
			ring_consumer_publish(&c);
			published = done;
			assert_int_equal(hdr->read_index, published % size);
		}
	}
}

static void reader_copies_at_an_offset(void **state)
{
	struct ring_consumer c;
	uint8_t buf[24];

	(void)state;
	ring_make(2);
	hdr->read_index = 4080;
	hdr->write_index = 24;
	for (int i = 0; i < 40; i++)
		*byte_at(4080 + i, 4096) = i;
	assert_int_equal(ring_consumer_init(&c, pages, 2), 0);
	assert_int_equal(ring_consumer_avail(&c), 40);
	ring_consumer_copy(&c, 8, buf, 24);
	for (int i = 0; i < 24; i++)
		assert_int_equal(buf[i], 8 + i);
}

static void reader_refuses_impossible_write_indices(void **state)
{
	static const uint32_t bad[] = { 4, 7, 4096, 4097, 8192, 0xFFFFFFF8,
					0xFFFFFFFF, 0x80000000 };
	struct ring_consumer c;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		ring_make(2);
		assert_int_equal(ring_consumer_init(&c, pages, 2), 0);
		hdr->write_index = bad[i];
		assert_int_equal(ring_consumer_avail(&c), -EPROTO);
		assert_int_equal(c.seen, bad[i]);
	}
}

static void reader_refuses_a_write_index_that_goes_back(void **state)
{
	struct ring_consumer c;

	(void)state;
	ring_make(2);
	assert_int_equal(ring_consumer_init(&c, pages, 2), 0);
	hdr->write_index = 64;
	assert_int_equal(ring_consumer_avail(&c), 64);
	ring_consumer_skip(&c, 32);
	hdr->write_index = 48;
	assert_int_equal(ring_consumer_avail(&c), -EPROTO);
	/* Nor does "back" work by going nearly all the way around. */
	hdr->write_index = 0;
	assert_int_equal(ring_consumer_avail(&c), -EPROTO);
	hdr->write_index = 64;
	assert_int_equal(ring_consumer_avail(&c), 32);
}

static void reader_never_reads_its_own_index_back(void **state)
{
	struct ring_consumer c;

	(void)state;
	ring_make(2);
	assert_int_equal(ring_consumer_init(&c, pages, 2), 0);
	hdr->write_index = 64;
	hdr->read_index = 4088;	/* the guest's mischief */
	assert_int_equal(ring_consumer_avail(&c), 64);
	ring_consumer_skip(&c, 64);
	assert_int_equal(ring_consumer_avail(&c), 0);
	ring_consumer_publish(&c);
	assert_int_equal(hdr->read_index, 64);
}

static void opening_refuses_indices_outside_the_ring(void **state)
{
	struct ring_consumer c;
	struct ring_producer p;

	(void)state;
	ring_make(2);
	hdr->read_index = 4096;
	assert_int_equal(ring_consumer_init(&c, pages, 2), -EPROTO);
	assert_int_equal(ring_producer_init(&p, pages, 2), -EPROTO);
	ring_make(2);
	hdr->write_index = 12;
	assert_int_equal(ring_consumer_init(&c, pages, 2), -EPROTO);
	assert_int_equal(ring_producer_init(&p, pages, 2), -EPROTO);
}

/* --- the mask --- */

static void unmasking_finds_what_came_while_masked(void **state)
{
	struct ring_consumer c;

	(void)state;
	ring_make(2);
	assert_int_equal(ring_consumer_init(&c, pages, 2), 0);
	assert_true(ring_consumer_mask(&c));
	assert_int_equal(hdr->interrupt_mask, 1);
	assert_false(ring_consumer_unmask(&c));
	assert_int_equal(hdr->interrupt_mask, 0);
	assert_true(ring_consumer_mask(&c));
	hdr->write_index = 32;
	assert_true(ring_consumer_unmask(&c));
}

static void a_mask_changed_by_the_other_side_is_noticed(void **state)
{
	struct ring_consumer c;

	(void)state;
	ring_make(2);
	assert_int_equal(ring_consumer_init(&c, pages, 2), 0);
	hdr->interrupt_mask = 1;
	assert_false(ring_consumer_mask(&c));
	hdr->interrupt_mask = 0;
	assert_false(ring_consumer_mask(&c));
}

/* --- the space signal, C.7 and K.7 --- */

struct space_case {
	const char *what;
	uint32_t free_before, free_after, pending, features;
	bool signal;
};

static void space_is_signalled_on_the_crossing_alone(void **state)
{
	static const struct space_case cases[] = {
		{ "nobody waits", 8, 4000, 0, 1, false },
		{ "feature bit clear", 8, 4000, 1000, 0, false },
		{ "crossed", 8, 4000, 1000, 1, true },
		{ "still below", 8, 992, 1000, 1, false },
		{ "reaches it exactly: signalled by one reading of the rule",
		  8, 1000, 1000, 1, true },
		{ "leaves it: signalled by the other", 1000, 1008, 1000, 1,
		  true },
		{ "was above already", 1008, 4000, 1000, 1, false },
		{ "guest stores one less than it needs: reached", 992, 1000,
		  999, 1, true },
		{ "guest stores one less than it needs: passed", 1000, 1008,
		  999, 1, true },
		{ "guest stores one less: was above", 1008, 1016, 999, 1,
		  false },
		{ "impossible pending size", 8, 4000, 0xFFFFFFFF, 1, false },
	};
	struct ring_consumer c;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct space_case *t = &cases[i];

		ring_make(2);
		hdr->read_index = 16;
		hdr->write_index = (16 + 4096 - t->free_before) % 4096;
		assert_int_equal(ring_consumer_init(&c, pages, 2), 0);
		hdr->feature_bits = t->features;
		hdr->pending_send_size = t->pending;
		ring_consumer_skip(&c, t->free_after - t->free_before);
		if (ring_consumer_publish(&c) != t->signal)
			fail_msg("%s: wanted %d", t->what, t->signal);
	}
}

static void publishing_nothing_signals_nothing(void **state)
{
	struct ring_consumer c;
	struct ring_producer p;

	(void)state;
	ring_make(2);
	assert_int_equal(ring_consumer_init(&c, pages, 2), 0);
	hdr->feature_bits = 1;
	hdr->pending_send_size = 8;
	assert_false(ring_consumer_publish(&c));
	assert_int_equal(ring_producer_init(&p, pages, 2), 0);
	assert_false(ring_producer_publish(&p));
}

/* --- writing --- */

static void put_stream(struct ring_producer *p, uint64_t total, uint32_t n)
{
	uint8_t buf[MAX_PAGES * 4096];
	struct iovec iov[2];
	uint32_t cut = n ? rand() % n : 0;

	for (uint32_t i = 0; i < n; i++)
		buf[i] = stream(total + i);
	iov[0] = (struct iovec){ buf, cut };
	iov[1] = (struct iovec){ buf + cut, n - cut };
	ring_producer_put(p, iov, 2);
}

/*
 * Random puts, publishes, reads and mask changes; room, bytes and signals must be
 * what counters that never wrap say. To see it fail: let ring_producer_publish()
 * compare with the new write index.
 */
static void writer_agrees_with_the_model(void **state)
{
	uint64_t put = 0, shown = 0, read = 0;
	const uint32_t count = 3, size = 2 * HV_PAGE_SIZE;
	struct ring_producer p;

	(void)state;
	ring_make(count);
	assert_int_equal(ring_producer_init(&p, pages, count), 0);
	assert_int_equal(hdr->feature_bits & 1, 1);

	for (int turn = 0; turn < 100000; turn++) {
		uint32_t room = size - 8 - (put - read), n;
		bool signal;

		assert_int_equal(ring_producer_room(&p), room);
		n = rand() % (room / 8 + 1) * 8;
		if (rand() % 4)
			n %= 256;
		put_stream(&p, put, n);
		put += n;
		assert_int_equal(hdr->write_index, shown % size);

		hdr->interrupt_mask = !(rand() % 4);
		if (rand() % 2) {
			signal = put != shown && !hdr->interrupt_mask &&
				 read == shown;
			assert_int_equal(ring_producer_publish(&p), signal);
			shown = put;
		}
		n = rand() % 3 ? rand() % ((shown - read) / 8 + 1) * 8 :
				 shown - read;
		for (uint32_t i = 0; i < n; i++)
			assert_int_equal(*byte_at(read + i, size),
					 stream(read + i));
		read += n;
		hdr->read_index = read % size;
	}
}

static void writer_never_fills_the_ring_completely(void **state)
{
	struct ring_producer p;

	(void)state;
	ring_make(2);
	assert_int_equal(ring_producer_init(&p, pages, 2), 0);
	assert_int_equal(ring_producer_room(&p), 4088);
	put_stream(&p, 0, 4088);
	assert_int_equal(ring_producer_room(&p), 0);
	ring_producer_publish(&p);
	assert_int_equal(hdr->write_index, 4088);
}

static void writer_refuses_a_read_index_beyond_what_it_showed(void **state)
{
	static const uint32_t bad[] = { 72, 4088, 4096, 4, 0xFFFFFFFF };
	struct ring_producer p;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		ring_make(2);
		assert_int_equal(ring_producer_init(&p, pages, 2), 0);
		put_stream(&p, 0, 64);
		ring_producer_publish(&p);
		put_stream(&p, 64, 64);	/* written, not shown */
		hdr->read_index = bad[i];
		assert_int_equal(ring_producer_room(&p), -EPROTO);
		assert_int_equal(p.seen, bad[i]);
		hdr->read_index = 64;
		assert_int_equal(ring_producer_room(&p), 4088 - 64);
		hdr->read_index = 56;	/* back */
		assert_int_equal(ring_producer_room(&p), -EPROTO);
	}
}

static void waiting_writer_says_for_how_much_and_stops_saying_so(void **state)
{
	struct ring_producer p;

	(void)state;
	ring_make(2);
	assert_int_equal(ring_producer_init(&p, pages, 2), 0);
	put_stream(&p, 0, 4000);
	ring_producer_publish(&p);
	assert_int_equal(ring_producer_wait(&p, 128), 0);
	assert_int_equal(hdr->pending_send_size, 128);
	put_stream(&p, 4000, 8);
	ring_producer_publish(&p);
	assert_int_equal(hdr->pending_send_size, 128);
	hdr->read_index = 4008;
	assert_int_equal(ring_producer_room(&p), 4088);
	put_stream(&p, 4008, 128);
	assert_int_equal(hdr->pending_send_size, 0);
}

static void waiting_writer_sees_room_that_came_before_it_asked(void **state)
{
	struct ring_producer p;

	(void)state;
	ring_make(2);
	assert_int_equal(ring_producer_init(&p, pages, 2), 0);
	put_stream(&p, 0, 4088);
	ring_producer_publish(&p);
	hdr->read_index = 4088;
	assert_int_equal(ring_producer_wait(&p, 4088), 1);
	hdr->read_index = 12;
	assert_int_equal(ring_producer_wait(&p, 4088), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reader_gets_what_was_written_in_order_across_the_wrap),
		cmocka_unit_test(reader_copies_at_an_offset),
		cmocka_unit_test(reader_refuses_impossible_write_indices),
		cmocka_unit_test(reader_refuses_a_write_index_that_goes_back),
		cmocka_unit_test(reader_never_reads_its_own_index_back),
		cmocka_unit_test(opening_refuses_indices_outside_the_ring),
		cmocka_unit_test(unmasking_finds_what_came_while_masked),
		cmocka_unit_test(a_mask_changed_by_the_other_side_is_noticed),
		cmocka_unit_test(space_is_signalled_on_the_crossing_alone),
		cmocka_unit_test(publishing_nothing_signals_nothing),
		cmocka_unit_test(writer_agrees_with_the_model),
		cmocka_unit_test(writer_never_fills_the_ring_completely),
		cmocka_unit_test(writer_refuses_a_read_index_beyond_what_it_showed),
		cmocka_unit_test(waiting_writer_says_for_how_much_and_stops_saying_so),
		cmocka_unit_test(waiting_writer_sees_room_that_came_before_it_asked),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
