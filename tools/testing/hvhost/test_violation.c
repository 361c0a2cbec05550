// SPDX-License-Identifier: GPL-2.0
/*
 * The reporter: counting, the bound of its table, the lists that can be allowed.
 */
#include "test.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "violation.h"

static char *list(void)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	violation_list(f);
	fclose(f);
	return text;
}

static void the_same_rule_and_place_is_one_entry(void **state)
{
	unsigned long before = violation_count();
	char *text;

	(void)state;
	for (int i = 0; i < 100; i++)
		violation("t.same", "nic0 channel 0, X", "D.4",
			  "field: wanted 1, came %d", i);
	assert_int_equal(violation_count(), before + 100);
	text = list();
	assert_non_null(strstr(text, "100 x t.same: nic0 channel 0, X: field: wanted 1, came 0 [protocol.md D.4]\n"));
	assert_null(strstr(text, "came 1"));
	free(text);
}

static void another_place_is_another_entry(void **state)
{
	char *text;

	(void)state;
	violation("t.place", "nic0 channel 0", "C.3", "a");
	violation("t.place", "nic0 channel 1", "C.3", "b");
	text = list();
	assert_non_null(strstr(text, "1 x t.place: nic0 channel 0: a"));
	assert_non_null(strstr(text, "1 x t.place: nic0 channel 1: b"));
	free(text);
}

static void unknown_lists_cannot_be_allowed(void **state)
{
	(void)state;
	assert_int_equal(violation_allow("nonsense"), -ENOENT);
	assert_int_equal(violation_allow(""), -ENOENT);
	assert_int_equal(violation_allow("stock"), 0);
}

/* What the kernel's own hv_vmbus does is known without --allow, and elsewhere it is not. */
static void what_the_bus_driver_does_is_always_known(void **state)
{
	unsigned long before = violation_count(), known = violation_known();
	char *text;

	(void)state;
	violation("vmbus.order", "VMBus, RELID_RELEASED", "I.2 2", "x");
	assert_int_equal(violation_count(), before);
	assert_int_equal(violation_known(), known + 1);
	violation("vmbus.order", "VMBus, CLOSECHANNEL", "I.2 2", "x");
	assert_int_equal(violation_count(), before + 1);
	assert_int_equal(violation_known(), known + 1);
	text = list();
	assert_non_null(strstr(text, " known (core): 6.1's hv_vmbus"));
	free(text);
}

static void a_list_excuses_its_entries_once_it_is_allowed(void **state)
{
	unsigned long before = violation_count(), known = violation_known();

	(void)state;
	violation("rndis.ppi-offset", "nic0, RNDIS PACKET", "E.2", "x");
	assert_int_equal(violation_count(), before + 1);
	assert_int_equal(violation_allow("stock"), 0);
	violation("rndis.ppi-offset", "nic1, RNDIS PACKET", "E.2", "x");
	assert_int_equal(violation_count(), before + 1);
	assert_int_equal(violation_known(), known + 1);
}

static void allowing_a_list_excuses_nothing_that_is_not_in_it(void **state)
{
	unsigned long before = violation_count(), known = violation_known();

	(void)state;
	assert_int_equal(violation_allow("stock"), 0);
	violation("t.not_in_any_list", "x", "A", "y");
	assert_int_equal(violation_count(), before + 1);
	assert_int_equal(violation_known(), known);
}

static void *report_many(void *arg)
{
	for (int i = 0; i < 10000; i++)
		violation("t.threads", arg, "A", "y");
	return NULL;
}

static void threads_lose_none(void **state)
{
	unsigned long before = violation_count();
	pthread_t t[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, report_many,
						"place"), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(violation_count(), before + 40000);
}

/* Last: it fills the table. */
static void a_guest_that_invents_places_costs_no_memory_and_is_counted(void **state)
{
	unsigned long before = violation_count(), sum = 0, n;
	char where[32], *text, *line;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(where, sizeof(where), "relid %d", i);
		violation("t.invented", where, "A", "y");
	}
	assert_int_equal(violation_count(), before + 1000);
	text = list();
	for (line = text; *line; line = strchr(line, '\n') + 1)
		if (sscanf(line, "%lu x", &n) == 1)
			sum += n;
	assert_int_equal(sum, violation_count() + violation_known());
	assert_non_null(strstr(text, "violation.overflow"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_rule_and_place_is_one_entry),
		cmocka_unit_test(another_place_is_another_entry),
		cmocka_unit_test(what_the_bus_driver_does_is_always_known),
		cmocka_unit_test(a_list_excuses_its_entries_once_it_is_allowed),
		cmocka_unit_test(unknown_lists_cannot_be_allowed),
		cmocka_unit_test(allowing_a_list_excuses_nothing_that_is_not_in_it),
		cmocka_unit_test(threads_lose_none),
		cmocka_unit_test(a_guest_that_invents_places_costs_no_memory_and_is_counted),
	};

	return cmocka_run_group_tests_name("violation", tests, NULL, NULL);
}
