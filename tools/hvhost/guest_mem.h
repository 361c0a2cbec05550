/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest memory as the devices see it. Everything in hvhost that touches the
 * guest's RAM goes through here, so that one function turns a guest-physical
 * address into a pointer and one place checks it.
 */
#ifndef HVHOST_GUEST_MEM_H
#define HVHOST_GUEST_MEM_H

#include <stddef.h>
#include <stdint.h>

#define HV_PAGE_SIZE	4096u
#define HV_PAGE_SHIFT	12

/**
 * struct gpa - guest-physical address
 * @v: the address in bytes
 *
 * A type of its own so that it cannot be dereferenced or mixed up with a
 * length; gm_ptr() is the only way to memory.
 */
struct gpa {
	uint64_t v;
};

static inline struct gpa gpa(uint64_t v)
{
	return (struct gpa){ v };
}

static inline struct gpa gpa_of_pfn(uint64_t pfn)
{
	/* A pfn too large to shift becomes an address that gm_ptr() refuses. */
	return (struct gpa){ pfn >> 52 ? UINT64_MAX : pfn << HV_PAGE_SHIFT };
}

/**
 * gm_add_region() - declare host memory as guest RAM
 * @start: first guest-physical address
 * @len: bytes
 * @host: where it is mapped; stays owned by the caller
 *
 * Only while the VM is set up, before any other thread runs.
 */
void gm_add_region(struct gpa start, uint64_t len, void *host);

/**
 * gm_ptr() - pointer to guest RAM
 * @addr: guest-physical address
 * @len: bytes that will be touched
 *
 * The guest may change what is there at any time: copy, then check the copy.
 *
 * Context: any thread.
 * Return: the pointer, or NULL when any byte lies outside one region of RAM.
 */
void *gm_ptr(struct gpa addr, uint64_t len);

#endif
