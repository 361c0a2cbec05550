// SPDX-License-Identifier: GPL-2.0
/*
 * SynIC of the emulated host. KVM has the MSRs and raises the SINTs; the pages
 * are written here (Documentation/protocol.md A.4).
 *
 * Messages. A VP has one slot; what does not fit waits in a queue. A busy slot
 * is marked "pending", so that the guest writes EOM when it has taken the
 * message. Neither that nor the EOI exits to user space, but KVM then writes
 * the VP's resample eventfd. It is watched only while messages wait, because
 * it also fires at the end of every interrupt for an event. What neither of
 * the two tells (a guest that polls its slot with the SINT masked) a timer
 * finds: after 1 ms at first, then more and more seldom.
 *
 * Interrupts. Raising a SINT that is masked is lost in KVM; the timer raises
 * it again until it is taken.
 *
 * Everything here belongs to the I/O thread, but for the count of messages
 * that wait.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "crash.h"
#include "guest_mem.h"
#include "layout.h"
#include "msg.h"
#include "synic.h"
#include "synic_host.h"
#include "violation.h"
#include "vm.h"

#define SLOT_BYTES		256u
#define PAGE_ENABLED		1ull
#define CONTROL_ENABLED		1ull
#define EVENT_FLAGS		2048u
#define FLAG_PENDING		0x01u
#define MESSAGE_TYPE_VMBUS	1u

#define RECHECK_MIN_NS		1000000ull
#define RECHECK_MAX_NS		128000000ull

/* A message slot (A.4) */
struct slot {
	_Atomic uint32_t type;
	uint8_t len;
	_Atomic uint8_t flags;
	uint16_t rsv;
	uint64_t sender;
	uint8_t payload[SYNIC_PAYLOAD_MAX];
};

_Static_assert(sizeof(struct slot) == SLOT_BYTES, "Documentation/protocol.md A.4");

struct message {
	struct message *next;
	uint8_t len;
	uint8_t payload[SYNIC_PAYLOAD_MAX];
};

/* What an MSR named, and SINT 2's slot there; NULL when off or not in RAM. */
struct page {
	uint64_t value;
	void *slot;
};

/**
 * struct vp - a virtual processor's SynIC
 * @slot: SINT 2's slot in the message page, NULL while SCONTROL or SIMP is off
 * @events: SINT 2's flags in the event page, NULL while SIEFP is off
 * @event_page, @message_page: what the guest last wrote to SIEFP and SIMP
 * @resample_fd: written by KVM at EOI and EOM
 * @resample_watched: the loop listens to @resample_fd
 * @raise_again: the SINT was masked when it was raised
 * @head, @tail: messages that wait
 */
struct vp {
	struct slot *slot;
	_Atomic uint8_t *events;
	struct page event_page, message_page;
	int resample_fd;
	bool resample_watched;
	bool raise_again;
	struct message *head, **tail;
};

/**
 * struct connection - a connection id that HvSignalEvent may name
 * @fd: eventfd that KVM writes, non-blocking
 */
struct connection {
	struct connection *next;
	uint32_t conn_id;
	int fd;
	loop_fn fn;
	void *ctx;
};

static struct vp vps[LAYOUT_MAX_CPUS];
static unsigned int vp_count;
static struct connection *connections;
static synic_post_fn post_handler;
static void *post_ctx;
static atomic_uint backlog;

static struct {
	unsigned long messages;		/* put into a slot */
	unsigned long slot_busy;	/* found the slot occupied */
	unsigned long events;		/* synic_set_event() */
	unsigned long events_merged;	/* flag was set already */
	unsigned long events_lost;	/* no event page */
	unsigned long raises;		/* interrupts asked for */
	unsigned long signals;		/* HvSignalEvent, without an exit */
	unsigned long signal_wakeups;	/* calls that came of them */
	unsigned long posts;		/* HvPostMessage, accepted */
} counters;

static void recheck(void *ctx);

static struct loop_timer recheck_timer = { .fn = recheck };
static uint64_t recheck_delay = RECHECK_MIN_NS;
static bool rechecking;

int synic_vp_valid(uint32_t vp)
{
	return vp < vp_count;
}

unsigned int synic_backlog(void)
{
	return atomic_load(&backlog);
}

static uint32_t vp_index(const struct vp *vp)
{
	return (uint32_t)(vp - vps);
}

/* What waits anew. What still does when it is looked at has to wait longer. */
static void recheck_soon(void)
{
	if (rechecking || recheck_timer.due_ns)
		return;
	recheck_delay = RECHECK_MIN_NS;
	loop_timer_set(&recheck_timer, recheck_delay);
}

static void raise_sint(struct vp *vp)
{
	counters.raises++;
	/*
	 * -1: no CPU took it, the SINT is masked. 0: merged with one that is
	 * pending.
	 */
	vp->raise_again = vm_irq_line(vm_sint_gsi(vp_index(vp)), true) < 0;
	if (vp->raise_again)
		recheck_soon();
}

/* Steps 1 and 2 of "Host delivery of a message" in A.4. */
static bool fill_slot(struct vp *vp, const struct message *m)
{
	struct slot *slot = vp->slot;

	if (atomic_load_explicit(&slot->type, memory_order_acquire)) {
		counters.slot_busy++;
		atomic_fetch_or(&slot->flags, FLAG_PENDING);
		/*
		 * The guest clears the type, then reads the flag. Without the
		 * barrier both could miss what the other wrote.
		 */
		atomic_thread_fence(memory_order_seq_cst);
		if (atomic_load_explicit(&slot->type, memory_order_acquire))
			return false;
	}
	slot->len = m->len;
	atomic_store_explicit(&slot->flags, 0, memory_order_relaxed);
	slot->rsv = 0;
	slot->sender = 0;
	memcpy(slot->payload, m->payload, m->len);
	/* The guest takes the slot as soon as it sees the type. */
	atomic_store_explicit(&slot->type, MESSAGE_TYPE_VMBUS,
			      memory_order_release);
	counters.messages++;
	return true;
}

static void free_first(struct vp *vp)
{
	struct message *m = vp->head;

	vp->head = m->next;
	if (!vp->head)
		vp->tail = &vp->head;
	free(m);
	atomic_fetch_sub(&backlog, 1);
}

static void flush(struct vp *vp);

static void on_resample(void *ctx, uint32_t events)
{
	struct vp *vp = ctx;
	uint64_t count;

	(void)events;
	if (read(vp->resample_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		abort();
	flush(vp);
}

static void watch_resample(struct vp *vp, bool wanted)
{
	if (wanted == vp->resample_watched)
		return;
	if (!wanted)
		loop_del_fd(vp->resample_fd);
	else if (loop_add_fd(vp->resample_fd, EPOLLIN, on_resample, vp))
		return;	/* the timer has to do */
	vp->resample_watched = wanted;
}

static bool vp_waits(const struct vp *vp)
{
	return (vp->slot && vp->head) || vp->raise_again;
}

/* Put what waits into the slot, as far as the guest takes it at once. */
static void flush(struct vp *vp)
{
	while (vp->slot && vp->head && fill_slot(vp, vp->head)) {
		free_first(vp);
		raise_sint(vp);
	}
	watch_resample(vp, vp->slot && vp->head);
	if (vp_waits(vp))
		recheck_soon();
}

static void recheck(void *ctx)
{
	bool waits = false;

	(void)ctx;
	rechecking = true;
	for (unsigned int i = 0; i < vp_count; i++) {
		if (vps[i].raise_again)
			raise_sint(&vps[i]);
		flush(&vps[i]);
		waits |= vp_waits(&vps[i]);
	}
	rechecking = false;
	if (!waits) {
		loop_timer_cancel(&recheck_timer);
		recheck_delay = RECHECK_MIN_NS;
		return;
	}
	if (recheck_delay < RECHECK_MAX_NS)
		recheck_delay *= 2;
	loop_timer_set(&recheck_timer, recheck_delay);
}

void synic_send_message(uint32_t index, const void *payload, uint8_t len)
{
	struct message *m;
	struct vp *vp;

	if (!synic_vp_valid(index) || len > SYNIC_PAYLOAD_MAX)
		abort();	/* the caller's to check */
	m = calloc(1, sizeof(*m));
	if (!m)
		abort();	/* a message may not be lost */
	m->len = len;
	memcpy(m->payload, payload, len);
	vp = &vps[index];
	*vp->tail = m;
	vp->tail = &m->next;
	atomic_fetch_add(&backlog, 1);
	flush(vp);
}

void synic_drop_messages(void)
{
	for (unsigned int i = 0; i < vp_count; i++) {
		while (vps[i].head)
			free_first(&vps[i]);
		watch_resample(&vps[i], false);
	}
}

void synic_set_event(uint32_t index, uint32_t flag)
{
	uint8_t bit = (uint8_t)(1u << flag % 8);
	struct vp *vp;

	if (!synic_vp_valid(index) || flag >= EVENT_FLAGS)
		abort();	/* the caller's to check */
	vp = &vps[index];
	counters.events++;
	if (!vp->events) {
		/* No page, no listener: as a real host, forget it. */
		counters.events_lost++;
		return;
	}
	if (atomic_fetch_or(&vp->events[flag / 8], bit) & bit) {
		/* Whoever set it has raised the SINT, or will again. */
		counters.events_merged++;
		return;
	}
	raise_sint(vp);
}

/*
 * An MSR names a page: find the slot of SINT 2 in it. A page is zeroed when it
 * becomes enabled, since stale bytes would look like a message that nobody
 * takes (A.7 T1); a write that changes nothing leaves it alone.
 */
static void *map_page(uint32_t vp, const char *msr, struct page *page,
		      uint64_t value)
{
	uint64_t addr = value & ~(uint64_t)(HV_PAGE_SIZE - 1);
	char where[32], *start;

	if (value == page->value)
		return page->slot;
	page->value = value;
	page->slot = NULL;
	if (!(value & PAGE_ENABLED))
		return NULL;
	start = gm_ptr(gpa(addr), HV_PAGE_SIZE);
	if (!start) {
		snprintf(where, sizeof(where), "VP %u, %s", vp, msr);
		violation("synic.page", where, "A.4",
			  "page address, wanted one in RAM, got 0x%llx",
			  (unsigned long long)addr);
		return NULL;
	}
	memset(start, 0, HV_PAGE_SIZE);
	page->slot = start + SYNIC_VMBUS_SINT * SLOT_BYTES;
	return page->slot;
}

struct page_change {
	uint32_t vp;
	uint64_t control, event_page, message_page;
};

static void change_pages(void *ctx)
{
	const struct page_change *change = ctx;
	struct vp *vp = &vps[change->vp];
	void *slot;

	vp->events = map_page(change->vp, "SIEFP", &vp->event_page,
			      change->event_page);
	slot = map_page(change->vp, "SIMP", &vp->message_page,
			change->message_page);
	vp->slot = change->control & CONTROL_ENABLED ? slot : NULL;
	if (vp->slot)
		crash_guest_lives();
	else
		vp->raise_again = false;
	flush(vp);
}

void synic_pages_changed(uint32_t vp, uint64_t control, uint64_t event_page,
			 uint64_t message_page)
{
	struct page_change change = {
		.vp = vp,
		.control = control,
		.event_page = event_page,
		.message_page = message_page,
	};

	/* Waits: the guest may use the pages as soon as its write returns. */
	loop_call(change_pages, &change);
}

static void on_signal(void *ctx, uint32_t events)
{
	struct connection *conn = ctx;
	uint64_t count;

	(void)events;
	if (read(conn->fd, &count, sizeof(count)) != sizeof(count))
		return;	/* taken by an earlier round */
	counters.signals += count;
	counters.signal_wakeups++;
	conn->fn(conn->ctx);
}

static int assign_eventfd(const struct connection *conn, uint32_t flags)
{
	struct kvm_hyperv_eventfd arg = {
		.conn_id = conn->conn_id,
		.fd = conn->fd,
		.flags = flags,
	};

	return ioctl(vm_fd(), KVM_HYPERV_EVENTFD, &arg) ? -errno : 0;
}

int synic_connect(uint32_t conn_id, loop_fn fn, void *ctx)
{
	struct connection *conn = calloc(1, sizeof(*conn));
	int err;

	if (!conn)
		return -ENOMEM;
	conn->conn_id = conn_id;
	conn->fn = fn;
	conn->ctx = ctx;
	conn->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (conn->fd < 0) {
		err = -errno;
		goto err_free;
	}
	err = loop_add_fd(conn->fd, EPOLLIN, on_signal, conn);
	if (err)
		goto err_close;
	err = assign_eventfd(conn, 0);
	if (err)
		goto err_del_fd;
	conn->next = connections;
	connections = conn;
	return 0;

err_del_fd:
	loop_del_fd(conn->fd);
err_close:
	close(conn->fd);
err_free:
	free(conn);
	return err;
}

void synic_disconnect(uint32_t conn_id)
{
	struct connection **at, *conn;

	for (at = &connections; *at; at = &(*at)->next)
		if ((*at)->conn_id == conn_id)
			break;
	conn = *at;
	if (!conn)
		return;
	*at = conn->next;
	assign_eventfd(conn, KVM_HYPERV_EVENTFD_DEASSIGN);
	loop_del_fd(conn->fd);
	close(conn->fd);
	free(conn);
}

void synic_set_post_handler(synic_post_fn fn, void *ctx)
{
	post_handler = fn;
	post_ctx = ctx;
}

void synic_deliver_post(uint32_t vp, uint32_t conn_id, const void *payload,
			uint32_t len)
{
	counters.posts++;
	if (post_handler)
		post_handler(post_ctx, vp, conn_id, payload, len);
}

void synic_report(FILE *out)
{
	fprintf(out, "synic.messages %lu\n", counters.messages);
	fprintf(out, "synic.slot-busy %lu\n", counters.slot_busy);
	fprintf(out, "synic.backlog %u\n", synic_backlog());
	fprintf(out, "synic.events %lu\n", counters.events);
	fprintf(out, "synic.events-merged %lu\n", counters.events_merged);
	fprintf(out, "synic.events-lost %lu\n", counters.events_lost);
	fprintf(out, "synic.raises %lu\n", counters.raises);
	fprintf(out, "synic.signals %lu\n", counters.signals);
	fprintf(out, "synic.signal-wakeups %lu\n", counters.signal_wakeups);
	fprintf(out, "synic.posts %lu\n", counters.posts);
}

/*
 * KVM signals a resample eventfd only as part of an irqfd, whose other half is
 * not used: raising by ioctl tells whether the SINT was masked.
 */
static void add_resample(uint32_t vp)
{
	struct kvm_irqfd irqfd = {
		.gsi = vm_sint_gsi(vp),
		.flags = KVM_IRQFD_FLAG_RESAMPLE,
	};
	int fd = eventfd(0, EFD_CLOEXEC);

	vps[vp].resample_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0 || vps[vp].resample_fd < 0)
		fatal(STATUS_FAILED, "eventfd: %s, allow more open files",
		      strerror(errno));
	irqfd.fd = (uint32_t)fd;
	irqfd.resamplefd = (uint32_t)vps[vp].resample_fd;
	if (ioctl(vm_fd(), KVM_IRQFD, &irqfd))
		fatal(STATUS_FAILED, "KVM_IRQFD for SINT %d of VP %u: %s",
		      SYNIC_VMBUS_SINT, vp, strerror(errno));
}

void synic_init(unsigned int cpus)
{
	vp_count = cpus;
	for (uint32_t vp = 0; vp < cpus; vp++) {
		vps[vp].tail = &vps[vp].head;
		add_resample(vp);
	}
}
