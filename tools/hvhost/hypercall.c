// SPDX-License-Identifier: GPL-2.0
/*
 * Exits of KVM's Hyper-V emulation.
 *
 * Everything a hypercall brings is the guest's: the input block is copied once
 * and the copy checked. A post goes to the I/O thread and returns at once; a
 * guest that posts faster than it is served gets HV_STATUS_INSUFFICIENT_MEMORY,
 * upon which it has to wait and to try again.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "guest_mem.h"
#include "hypercall.h"
#include "loop.h"
#include "synic.h"
#include "synic_host.h"

#define HVCALL_CODE(input)	((uint16_t)(input))
#define HVCALL_FAST		(1ull << 16)
#define HVCALL_POST_MESSAGE	0x005C
#define HVCALL_SIGNAL_EVENT	0x005D
#define HV_STATUS_INVALID_HYPERCALL_CODE	0x0002

#define HV_INPUT_ALIGN		8u
#define HV_MESSAGE_TYPE_VMBUS	1u
#define CONN_ID_MESSAGE		1u	/* Documentation/protocol.md B.1 */
#define CONN_ID_MESSAGE_5_0	4u

#define POSTS_MAX		128u	/* on their way to the I/O thread */
#define REPLIES_MAX		4096u	/* waiting for the guest to take them */

/* HvPostMessage's input block (A.3) */
struct post_input {
	uint32_t conn_id;
	uint32_t rsv;
	uint32_t message_type;
	uint32_t len;
	uint8_t payload[SYNIC_PAYLOAD_MAX];
};

_Static_assert(sizeof(struct post_input) == 256, "Documentation/protocol.md A.3");

/* A post on its way; owned by the queue of the loop. */
struct post {
	uint32_t vp;
	struct post_input input;
};

static atomic_uint posts_queued;

static void deliver_post(void *ctx)
{
	struct post *post = ctx;

	synic_deliver_post(post->vp, post->input.conn_id, post->input.payload,
			   post->input.len);
	atomic_fetch_sub(&posts_queued, 1);
	free(post);
}

static uint64_t check_post(const struct post_input *in)
{
	if (in->conn_id != CONN_ID_MESSAGE && in->conn_id != CONN_ID_MESSAGE_5_0)
		return HV_STATUS_INVALID_CONNECTION_ID;
	if (in->message_type != HV_MESSAGE_TYPE_VMBUS ||
	    in->len > SYNIC_PAYLOAD_MAX)
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_SUCCESS;
}

static uint64_t queue_post(uint32_t vp, const struct post_input *in)
{
	struct post *post;

	if (atomic_load(&posts_queued) >= POSTS_MAX ||
	    synic_backlog() >= REPLIES_MAX)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	post = malloc(sizeof(*post));
	if (!post)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	post->vp = vp;
	post->input = *in;
	atomic_fetch_add(&posts_queued, 1);
	if (loop_post(deliver_post, post)) {
		atomic_fetch_sub(&posts_queued, 1);
		free(post);
		return HV_STATUS_INSUFFICIENT_MEMORY;
	}
	return HV_STATUS_SUCCESS;
}

static uint64_t post_message(uint32_t vp, uint64_t input, uint64_t addr)
{
	struct post_input in;
	uint64_t status;
	const void *p;

	if (input & HVCALL_FAST)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (addr % HV_INPUT_ALIGN ||
	    addr % HV_PAGE_SIZE > HV_PAGE_SIZE - sizeof(in))
		return HV_STATUS_INVALID_ALIGNMENT;
	p = gm_ptr(gpa(addr), sizeof(in));
	if (!p)
		return HV_STATUS_INVALID_PARAMETER;
	memcpy(&in, p, sizeof(in));
	status = check_post(&in);
	return status ? status : queue_post(vp, &in);
}

/*
 * KVM has matched the id with its eventfds already and comes here when there
 * is none, or when the flag number is not 0 (A.7 T7). The value is in the
 * first parameter even for the slow form.
 */
static uint64_t signal_event(uint64_t value)
{
	uint16_t flag = (uint16_t)(value >> 32);

	if (value >> 48)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (flag)
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_INVALID_CONNECTION_ID;
}

enum exit_reason hypercall_exit(uint32_t vp, struct kvm_hyperv_exit *exit)
{
	uint64_t input;

	if (exit->type == KVM_EXIT_HYPERV_SYNIC) {
		synic_pages_changed(vp, exit->u.synic.control,
				    exit->u.synic.evt_page,
				    exit->u.synic.msg_page);
		return EXIT_SYNIC;
	}
	if (exit->type != KVM_EXIT_HYPERV_HCALL)
		return EXIT_OTHER;
	input = exit->u.hcall.input;
	switch (HVCALL_CODE(input)) {
	case HVCALL_POST_MESSAGE:
		exit->u.hcall.result = post_message(vp, input,
						    exit->u.hcall.params[0]);
		return EXIT_POST_MESSAGE;
	case HVCALL_SIGNAL_EVENT:
		exit->u.hcall.result = signal_event(exit->u.hcall.params[0]);
		return EXIT_SIGNAL_EVENT;
	default:
		exit->u.hcall.result = HV_STATUS_INVALID_HYPERCALL_CODE;
		return EXIT_HYPERCALL;
	}
}
