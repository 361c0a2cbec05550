// SPDX-License-Identifier: GPL-2.0
/*
 * Uplink: a port of a learning switch inside hvhost that joins several NICs of
 * the guest. A switch comes with its first port and goes with its last. Frames
 * pass with their offloads undone, as between two ports of a virtual switch;
 * the receiving NIC does what is left.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netpkt.h"
#include "uplink.h"

#define SWITCH_TABLE	256	/* addresses; one slot each, newest wins */

struct port {
	struct uplink up;
	struct vswitch *sw;
	struct port *next;
};

struct vswitch {
	struct vswitch *next;
	struct port *ports;
	char *name;
	struct {
		u8 mac[6];
		struct port *port;
	} table[SWITCH_TABLE];
};

static struct vswitch *switches;

static unsigned int slot_of(const u8 *mac)
{
	return (mac[3] * 31u + mac[4] * 17u + mac[5]) % SWITCH_TABLE;
}

static void learn(struct vswitch *sw, const u8 *mac, struct port *port)
{
	unsigned int slot = slot_of(mac);

	if (mac[0] & 1)
		return;
	memcpy(sw->table[slot].mac, mac, 6);
	sw->table[slot].port = port;
}

static struct port *lookup(struct vswitch *sw, const u8 *mac)
{
	unsigned int slot = slot_of(mac);

	if (mac[0] & 1 || memcmp(sw->table[slot].mac, mac, 6))
		return NULL;
	return sw->table[slot].port;
}

/* The receiver may write to what it gets, so each gets a copy */
static void deliver(struct port *to, const struct net_frame *frame)
{
	u8 buf[NETPKT_VLAN_HLEN + NET_FRAME_MAX];
	struct net_frame copy = *frame;

	copy.data = buf + NETPKT_VLAN_HLEN;
	memcpy(copy.data, frame->data, frame->len);
	to->up.recv(to->up.ctx, &copy);
}

static int switch_send(struct uplink *up, struct net_frame *frame)
{
	struct port *from = (struct port *)up;
	struct port *to;

	if (frame->len < NETPKT_ETH_HLEN || frame->len > NET_FRAME_MAX)
		return -EINVAL;
	learn(from->sw, frame->data + 6, from);
	to = lookup(from->sw, frame->data);
	if (to == from)
		return 0;
	if (to) {
		deliver(to, frame);
		return 0;
	}
	for (to = from->sw->ports; to; to = to->next)
		if (to != from)
			deliver(to, frame);
	return 0;
}

static void switch_close(struct uplink *up)
{
	struct port *port = (struct port *)up;
	struct vswitch *sw = port->sw;
	struct vswitch **link;
	struct port **at;
	unsigned int i;

	for (at = &sw->ports; *at != port; at = &(*at)->next)
		;
	*at = port->next;
	for (i = 0; i < SWITCH_TABLE; i++)
		if (sw->table[i].port == port)
			sw->table[i].port = NULL;
	free(port);
	if (sw->ports)
		return;
	for (link = &switches; *link != sw; link = &(*link)->next)
		;
	*link = sw->next;
	free(sw->name);
	free(sw);
}

static const struct uplink_ops switch_ops = {
	.send = switch_send,
	.close = switch_close,
};

static struct vswitch *switch_get(const char *name)
{
	struct vswitch *sw;

	for (sw = switches; sw; sw = sw->next)
		if (!strcmp(sw->name, name))
			return sw;
	sw = calloc(1, sizeof(*sw));
	if (!sw)
		return NULL;
	sw->name = strdup(name);
	if (!sw->name) {
		free(sw);
		return NULL;
	}
	sw->next = switches;
	switches = sw;
	return sw;
}

int switch_open(const char *name, uplink_recv_fn recv, void *ctx,
		struct uplink **up)
{
	struct port *port = calloc(1, sizeof(*port));

	if (!port)
		return -ENOMEM;
	port->up = (struct uplink){ &switch_ops, recv, ctx };
	port->sw = switch_get(name);
	if (!port->sw) {
		free(port);
		return -ENOMEM;
	}
	port->next = port->sw->ports;
	port->sw->ports = port;
	*up = &port->up;
	return 0;
}
