// SPDX-License-Identifier: GPL-2.0
/*
 * VMBus server: the connection (Documentation/protocol.md B.1 to B.4, B.9).
 *
 * Theory of operation. The guest posts control messages with HvPostMessage; the
 * SynIC hands each to conn_post() in the I/O thread. One table says for every
 * message how long it must at least be, since which version and in which states
 * of the connection it may come, and who handles it. Answers go to the message
 * slot of the VP that the guest named in INITIATE_CONTACT.
 *
 *              INITIATE_CONTACT, version and pages accepted
 *   NONE  ---------------------------------------------------> CONNECTED
 *    ^                                                             |
 *    |  UNLOAD, INITIATE_CONTACT refused                           | REQUESTOFFERS
 *    |                                                             v
 *    +---------------------------------------------------------- OFFERED
 *
 * INITIATE_CONTACT and UNLOAD may come at any time and first of all reset
 * everything: a kernel started by kexec or after a crash knows nothing of its
 * predecessor's channels and GPADLs (H.8).
 */
#include "vmbus_priv.h"

#include <stdio.h>
#include <string.h>

#include "guest_mem.h"
#include "synic.h"
#include "violation.h"

/**
 * enum conn_state - life of the connection
 * @CONN_NONE: the guest has no version; the host sends nothing of itself
 * @CONN_CONNECTED: both know the version; the guest has not asked for offers
 * @CONN_OFFERED: the guest has asked; channels are offered as they come
 *
 * Bits, so that the message table can name several.
 */
enum conn_state {
	CONN_NONE	= 1,
	CONN_CONNECTED	= 2,
	CONN_OFFERED	= 4,
};

#define CONN_UP		(CONN_CONNECTED | CONN_OFFERED)
#define CONN_ANY	(CONN_NONE | CONN_UP)

/* The one connection; written by conn_set() and vmbus_init(). */
static struct {
	enum conn_state state;
	uint32_t version;	/* negotiated, 0 while none */
	uint32_t vp;		/* takes our messages */
	uint32_t newest;	/* newest version that we offer */
} conn = { .state = CONN_NONE };

/*
 * Versions that can be played. Older ones need the interrupt page (B.10), which
 * KVM's SynIC cannot serve.
 */
static const uint32_t versions[] = {
	VMBUS_V2_4, VMBUS_V3_0, VMBUS_V4_0, VMBUS_V4_1, VMBUS_V5_0,
	VMBUS_V5_1, VMBUS_V5_2, VMBUS_V5_3, VMBUS_V6_0,
};

static void conn_set(enum conn_state state, uint32_t version)
{
	conn.state = state;
	conn.version = version;
}

static void conn_reset(void)
{
	conn_set(CONN_NONE, 0);
	channel_reset();
	gpadl_reset();
	synic_drop_messages();
}

void conn_send(const void *msg, uint8_t len)
{
	synic_send_message(conn.vp, msg, len);
}

bool conn_takes_offers(void)
{
	return conn.state == CONN_OFFERED;
}

uint32_t vmbus_version(void)
{
	return conn.version;
}

static bool version_offered(uint32_t version)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i] == version)
			return version <= conn.newest;
	return false;
}

/* The VP for our messages: the guest's wish, or 0 when it has no such VP. */
static uint32_t message_vp(const struct vmbus_initiate_contact *m)
{
	if (m->version < VMBUS_V3_0)
		return 0;	/* B.3: honoured since 3.0 */
	if (synic_vp_valid(m->target_vp))
		return m->target_vp;
	violation("vmbus.contact_vp", "VMBus, INITIATE_CONTACT", "I.2 3",
		  "target VP: wanted an existing one, came %u; VP 0 is used",
		  m->target_vp);
	return 0;
}

static bool monitor_pages_ok(const struct vmbus_initiate_contact *m)
{
	if (!m->monitor_to_child != !m->monitor_to_parent) {
		violation("vmbus.contact_monitor", "VMBus, INITIATE_CONTACT",
			  "I.2 3",
			  "monitor pages: wanted both or neither, came 0x%llx and 0x%llx",
			  (unsigned long long)m->monitor_to_child,
			  (unsigned long long)m->monitor_to_parent);
		return false;
	}
	if ((m->monitor_to_child | m->monitor_to_parent) % HV_PAGE_SIZE) {
		violation("vmbus.contact_align", "VMBus, INITIATE_CONTACT",
			  "I.2 3",
			  "monitor pages: wanted page-aligned, came 0x%llx and 0x%llx",
			  (unsigned long long)m->monitor_to_child,
			  (unsigned long long)m->monitor_to_parent);
		return false;
	}
	return true;
}

/* Offset 16 is a page before 5.0; SINT and level of privilege from then on. */
static bool interrupt_ok(const struct vmbus_initiate_contact *m)
{
	if (m->version < VMBUS_V5_0) {
		if (!(m->interrupt_page % HV_PAGE_SIZE))
			return true;
		violation("vmbus.contact_align", "VMBus, INITIATE_CONTACT",
			  "I.2 3",
			  "interrupt page: wanted page-aligned, came 0x%llx",
			  (unsigned long long)m->interrupt_page);
		return false;
	}
	if (m->sint > VMBUS_SINT_MAX) {
		violation("vmbus.contact_sint", "VMBus, INITIATE_CONTACT",
			  "I.2 3", "message SINT: wanted 0..15, came %u",
			  m->sint);
		return false;
	}
	if (m->sint != SYNIC_VMBUS_SINT ||
	    (m->version >= VMBUS_V5_1 && m->vtl)) {
		fprintf(stderr,
			"hvhost: VMBus: guest wants messages on SINT %u, VTL %u: only SINT 2, VTL 0 is there; refused\n",
			m->sint, m->version >= VMBUS_V5_1 ? m->vtl : 0);
		return false;
	}
	return true;
}

static void on_contact(const struct guest_msg *msg)
{
	const struct vmbus_initiate_contact *m = &msg->m.contact;
	struct vmbus_version_response rsp = {
		.hdr.type = VMBUS_VERSION_RESPONSE,
	};
	uint8_t rsp_len = VMBUS_VERSION_RESPONSE_LEN;

	conn_reset();
	conn.vp = message_vp(m);

	if (version_offered(m->version)) {
		rsp.supported = 1;
		rsp.conn_id = m->version < VMBUS_V5_0 ? m->version :
							VMBUS_MSG_CONN_5_0;
		if (m->version >= VMBUS_V6_0)
			rsp_len = sizeof(rsp);	/* with no feature accepted */
		if (monitor_pages_ok(m) && interrupt_ok(m))
			conn_set(CONN_CONNECTED, m->version);
		else
			rsp.state = VMBUS_CONNECT_UNKNOWN_FAILURE;
	}
	conn_send(&rsp, rsp_len);
}

static void on_request_offers(const struct guest_msg *msg)
{
	struct vmbus_msg_header done = { .type = VMBUS_ALLOFFERS_DELIVERED };

	(void)msg;
	if (conn.state == CONN_OFFERED) {
		violation("vmbus.offers_twice", "VMBus, REQUESTOFFERS", "I.2 4",
			  "wanted once per connection, came again; ignored");
		return;
	}
	conn_set(CONN_OFFERED, conn.version);
	channel_offer_hidden();
	conn_send(&done, sizeof(done));
}

static void on_unload(const struct guest_msg *msg)
{
	struct vmbus_msg_header rsp = { .type = VMBUS_UNLOAD_RESPONSE };

	(void)msg;
	conn_reset();
	conn_send(&rsp, sizeof(rsp));
}

/* hvsock and reserved channels: lawful, but there is nothing behind them here. */
static void on_not_here(const struct guest_msg *msg)
{
	(void)msg;
}

/**
 * struct msg_rule - one message of the guest (B.2)
 * @name: for messages
 * @min_len: least length in bytes; longer is junk at the end, which is lawful
 * @since: first version that has it
 * @states: enum conn_state in which it may come
 * @fn: handler
 */
struct msg_rule {
	const char *name;
	uint32_t min_len;
	uint32_t since;
	unsigned int states;
	void (*fn)(const struct guest_msg *msg);
};

static const struct msg_rule rules[] = {
	[VMBUS_REQUESTOFFERS] = { "REQUESTOFFERS", 8, 0, CONN_UP,
				  on_request_offers },
	[VMBUS_OPENCHANNEL] = { "OPENCHANNEL", 148, 0, CONN_UP, channel_on_open },
	[VMBUS_CLOSECHANNEL] = { "CLOSECHANNEL", 12, 0, CONN_UP, channel_on_close },
	[VMBUS_GPADL_HEADER] = { "GPADL_HEADER", VMBUS_GPADL_HEADER_MIN, 0,
				 CONN_UP, gpadl_on_header },
	[VMBUS_GPADL_BODY] = { "GPADL_BODY", VMBUS_GPADL_BODY_MIN, 0, CONN_UP,
			       gpadl_on_body },
	[VMBUS_GPADL_TEARDOWN] = { "GPADL_TEARDOWN", 16, 0, CONN_UP,
				   gpadl_on_teardown },
	[VMBUS_RELID_RELEASED] = { "RELID_RELEASED", 12, 0, CONN_UP,
				   channel_on_released },
	[VMBUS_INITIATE_CONTACT] = { "INITIATE_CONTACT", 40, 0, CONN_ANY,
				     on_contact },
	[VMBUS_UNLOAD] = { "UNLOAD", 8, 0, CONN_ANY, on_unload },
	[VMBUS_OPEN_RESERVED] = { "OPEN_RESERVED", 28, VMBUS_V4_0, CONN_UP,
				  on_not_here },
	[VMBUS_CLOSE_RESERVED] = { "CLOSE_RESERVED", 20, VMBUS_V4_0, CONN_UP,
				   on_not_here },
	[VMBUS_TL_CONNECT_REQUEST] = { "TL_CONNECT_REQUEST", 40, VMBUS_V4_0,
				       CONN_UP, on_not_here },
	[VMBUS_MODIFYCHANNEL] = { "MODIFYCHANNEL", 16, VMBUS_V4_1, CONN_UP,
				  channel_on_modify },
};

#define N_RULES (sizeof(rules) / sizeof(rules[0]))

/* The rule for a message that may come now, or NULL (reported: I.2 2). */
static const struct msg_rule *find_rule(const struct guest_msg *msg)
{
	uint32_t type = msg->m.hdr.type;
	uint32_t len = msg->len;
	const struct msg_rule *rule;
	char where[48];

	if (len < sizeof(msg->m.hdr)) {
		violation("vmbus.short", "VMBus", "I.2 2",
			  "message length: wanted at least 8, came %u; dropped",
			  len);
		return NULL;
	}
	if (type >= N_RULES || !rules[type].fn) {
		violation("vmbus.unknown", "VMBus", "B.2",
			  "message type: wanted one that a guest sends, came %u; dropped",
			  type);
		return NULL;
	}
	rule = &rules[type];
	snprintf(where, sizeof(where), "VMBus, %s", rule->name);

	if (len < rule->min_len) {
		violation("vmbus.short", where, "I.2 2",
			  "length: wanted at least %u, came %u; dropped",
			  rule->min_len, len);
		return NULL;
	}
	if (!(rule->states & conn.state)) {
		violation("vmbus.order", where, "I.2 2",
			  "wanted after INITIATE_CONTACT, came without a connection; dropped");
		return NULL;
	}
	if (rule->since > conn.version) {
		violation("vmbus.version", where, "B.2",
			  "wanted from version %u.%u on, came under %u.%u; dropped",
			  rule->since >> 16, rule->since & 0xFFFF,
			  conn.version >> 16, conn.version & 0xFFFF);
		return NULL;
	}
	return rule;
}

static void conn_post(void *ctx, uint32_t vp, uint32_t conn_id,
		      const void *payload, uint32_t len)
{
	const struct msg_rule *rule;
	struct guest_msg msg = { .len = len };

	(void)ctx;
	(void)vp;
	(void)conn_id;	/* 1 or 4, either will do (B.1) */

	if (msg.len > sizeof(msg.m))
		msg.len = sizeof(msg.m);
	memcpy(&msg.m, payload, msg.len);

	rule = find_rule(&msg);
	if (rule)
		rule->fn(&msg);
}

int vmbus_init(uint32_t newest)
{
	conn.newest = newest;
	synic_set_post_handler(conn_post, NULL);
	return vmbus_ctl_init();
}
