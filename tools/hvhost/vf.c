// SPDX-License-Identifier: GPL-2.0
/*
 * The VF of a NIC: its life, and the choice between the two data paths.
 *
 *	ABSENT --vf_add()--> WAITING --offer--> OFFERED --EJECT--> LEAVING
 *	   ^                    |                  |                  |
 *	   |   removed          |   surprise, or   |   given up, channel closed,
 *	   +--------------------+---the guest does-+---or patience at an end--+
 *				    not know it yet
 *
 * The order of the two arrivals. A host tells the guest of the VF on the NIC's
 * channel and offers the PCI bus once it has; so that is the rule here. With
 * order=vf-first the bus is offered at once, whatever the NIC's driver does.
 *
 * The data path belongs to the VF, not to the NIC's connection (D.9): it outlives
 * a close of the NIC's channel, and ends when the guest gives the VF up.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"
#include "vf.h"

#define EJECT_MS	60000u	/* patience of a host, G.9 */
#define NS_PER_MS	1000000ull

/* Instance of nic0's bus. Bytes 4 and 5 are the guest's PCI domain (G.7) */
static const u8 vf_instance[16] = {
	0x5e, 0x11, 0x9a, 0x30, 0x00, 0x77, 0x2b, 0x48,
	0x91, 0x5c, 0x00, 0x15, 0x5d, 0x76, 0x66, 0x00,
};

/* The same card for the driver of tools/lab/labvf, which no other takes */
static const struct pcifn_ids lab_ids = {
	.vendor = 0x1234,
	.device = 0x1530,
	.revision = 1,
	.class = 0x020000,
	.sub_vendor = 0x1234,
	.sub_device = 0x0001,
};

/* --- what the guest is told on the NIC's channel --- */

static void say(struct vf *vf, u64 id, const struct nvsp_message *msg)
{
	struct nic_queue *q = vf->nic->queue[0];

	netvsp_send(q, VM_PKT_INBAND, VM_PKT_FLAG_COMPLETION, id, msg,
		    nvsp_msg_wire_len(vf->nic->conn.version));
	vmbus_signal(q->chan);
}

static bool can_say(const struct nic *nic)
{
	return nic_queue_up(nic, 0) && nic->conn.rndis == RNDIS_PHASE_READY &&
	       nic->conn.version >= NVSP_PROTOCOL_VERSION_4 &&
	       nic->conn.caps & NVSP_CAP_SRIOV;
}

static void say_association(struct vf *vf, bool allocated)
{
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SEND_VF_ASSOCIATION),
		.vf_association.allocated = cpu_to_le32(allocated),
		.vf_association.serial = cpu_to_le32(vf->bus.serial),
	};

	vf->told = allocated;
	vf->advertised |= allocated;
	vf->stats.associations++;
	say(vf, NIC_VF_ASSOCIATION_ID, &msg);
}

static void say_path(struct vf *vf)
{
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SWITCH_DATA_PATH),
		.switch_data_path.path = cpu_to_le32(vf->on_vf ?
			NVSP_DATA_PATH_VF : NVSP_DATA_PATH_SYNTHETIC),
	};

	if (can_say(vf->nic))
		say(vf, NIC_VF_PATH_ID, &msg);
}

static void withdraw(struct vf *vf)
{
	loop_timer_cancel(&vf->tell);
	if (vf->told && can_say(vf->nic))
		say_association(vf, false);
	vf->told = false;
}

/* --- life --- */

static void offer_now(struct vf *vf)
{
	/* Out of memory: another attempt comes with the next add */
	vf->state = vpci_offer(&vf->bus) ? VF_ABSENT : VF_OFFERED;
}

static void offer_soon(struct vf *vf)
{
	if (vf->state == VF_WAITING && !vf->timer.due_ns)
		loop_timer_set(&vf->timer, vf->offer_ms * NS_PER_MS);
}

void vf_tell(struct vf *vf)
{
	if (vf->state == VF_ABSENT || vf->state == VF_LEAVING || !vf->associate ||
	    vf->told || !can_say(vf->nic))
		return;
	say_association(vf, true);
	offer_soon(vf);
}

static void tell_fired(void *ctx)
{
	vf_tell(ctx);
}

static void tell_soon(struct vf *vf)
{
	/* From a timer in any case: what is being answered is answered first */
	loop_timer_set(&vf->tell, vf->associate_ms * NS_PER_MS);
}

static void use_synthetic(struct vf *vf)
{
	vf->stats.to_synthetic += vf->on_vf;
	vf->on_vf = false;
}

/* It is gone, whatever the guest still does */
static void gone(struct vf *vf)
{
	loop_timer_cancel(&vf->timer);
	vf->state = VF_ABSENT;
	use_synthetic(vf);
	vpci_rescind(&vf->bus);
	ixgbevf_reset(&vf->dev);
	if (vf->flaps)
		loop_timer_set(&vf->flap, vf->flap_ms * NS_PER_MS);
}

static void timer_fired(void *ctx)
{
	struct vf *vf = ctx;

	if (vf->state == VF_WAITING) {
		offer_now(vf);
	} else if (vf->state == VF_LEAVING) {
		vf->stats.expired += !vf->left;
		withdraw(vf);
		gone(vf);
	}
}

int vf_add(struct vf *vf)
{
	if (vf->state != VF_ABSENT)
		return -EEXIST;
	vf->state = VF_WAITING;
	vf->agreed = false;
	vf->stats.added++;
	if (vf->vf_first)
		offer_soon(vf);
	tell_soon(vf);
	return 0;
}

/* The card is dead at once; that it is gone the guest hears now or later */
static void surprise(struct vf *vf)
{
	loop_timer_cancel(&vf->tell);
	vf->told = false;
	if (!vf->surprise_ms) {
		gone(vf);
		return;
	}
	use_synthetic(vf);
	ixgbevf_reset(&vf->dev);
	pcifn_remove(&vf->dev.fn);
	vf->state = VF_LEAVING;
	vf->left = true;
	loop_timer_set(&vf->timer, vf->surprise_ms * NS_PER_MS);
}

int vf_remove(struct vf *vf, enum vf_removal how)
{
	if (vf->state == VF_ABSENT)
		return -ENODEV;
	if (how == VF_SURPRISE) {
		surprise(vf);
		return 0;
	}
	if (vf->state == VF_LEAVING)
		return -EALREADY;
	if (how == VF_REMOVE) {
		use_synthetic(vf);
		if (vf->told)
			say_path(vf);
		withdraw(vf);
	}
	loop_timer_cancel(&vf->timer);
	if (vpci_eject(&vf->bus)) {
		/* The guest has not seen it: there is nothing to give up */
		withdraw(vf);
		gone(vf);
		return 0;
	}
	vf->state = VF_LEAVING;
	vf->left = false;
	loop_timer_set(&vf->timer, vf->eject_ms * NS_PER_MS);
	return 0;
}

static void flap_fired(void *ctx)
{
	struct vf *vf = ctx;

	if (!vf->flaps)
		return;
	if (vf->state == VF_ABSENT) {
		vf->flaps--;
		vf_add(vf);
		if (vf->flaps)
			loop_timer_set(&vf->flap, vf->flap_ms * NS_PER_MS);
	} else {
		/* What it leads to goes on with gone() */
		vf_remove(vf, VF_REMOVE);
	}
}

void vf_flap(struct vf *vf, u32 times, u32 ms)
{
	vf->flaps = times;
	vf->flap_ms = ms;
	loop_timer_cancel(&vf->flap);
	if (times)
		loop_timer_set(&vf->flap, 0);
}

static void on_ejected(void *ctx)
{
	struct vf *vf = ctx;

	vf->stats.ejected++;
	withdraw(vf);
	gone(vf);
}

/* The guest has closed the bus or left D0: nobody serves the VF there */
static void on_closed(void *ctx)
{
	struct vf *vf = ctx;

	use_synthetic(vf);
	ixgbevf_reset(&vf->dev);
	if (vf->state != VF_LEAVING)
		return;
	/* From the timer: a channel that is being closed must not be rescinded */
	vf->left = true;
	loop_timer_set(&vf->timer, 0);
}

static void on_released(void *ctx)
{
	(void)ctx;
}

static const struct vpci_ops bus_ops = {
	.ejected = on_ejected,
	.closed = on_closed,
	.released = on_released,
};

void vf_nic_ready(struct nic *nic)
{
	if (nic->vf)
		tell_soon(nic->vf);
}

void vf_nic_closed(struct nic *nic)
{
	if (!nic->vf)
		return;
	loop_timer_cancel(&nic->vf->tell);
	nic->vf->told = false;
	nic->vf->advertised = false;
}

/* --- data path --- */

bool vf_advertised(const struct nic *nic)
{
	return nic->vf && nic->vf->advertised;
}

bool vf_switch(struct nic *nic, bool on_vf, bool obey)
{
	struct vf *vf = nic->vf;

	if (!vf_advertised(nic))
		return false;
	if (vf->on_vf == on_vf) {
		vf->stats.redundant++;
	} else if (!obey || (on_vf && (vf->state != VF_OFFERED ||
				       vf->bus.phase != VPCI_ASSIGNED))) {
		vf->stats.refused++;
	} else {
		vf->on_vf = on_vf;
		vf->stats.to_vf += on_vf;
		vf->stats.to_synthetic += !on_vf;
	}
	return true;
}

void vf_answered(struct nic *nic)
{
	if (nic->vf)
		nic->vf->agreed = true;
}

void vf_move(struct vf *vf, bool on_vf)
{
	vf->agreed |= on_vf;
	vf->stats.to_vf += on_vf && !vf->on_vf;
	vf->stats.to_synthetic += !on_vf && vf->on_vf;
	vf->on_vf = on_vf;
	say_path(vf);
}

bool vf_takes(const struct nic *nic, const struct net_frame *frame)
{
	const struct vf *vf = nic->vf;

	return vf && vf->on_vf && !(vf->exceptions && frame->data[0] & 1);
}

static void rx_one(void *ctx, struct net_frame *frame)
{
	struct vf *vf = ctx;

	pcap_frame(vf->nic->pcap, frame->data, frame->len);
	ixgbevf_receive(&vf->dev, frame);
}

void vf_rx(struct nic *nic, struct net_frame *frame)
{
	struct vf *vf = nic->vf;

	if (!(frame->data[0] & 1) && memcmp(frame->data, nic->mac, 6) &&
	    memcmp(frame->data, nic->cfg.mac, 6)) {
		vf->stats.rx_filtered++;
		return;
	}
	if (frame->vh.gso_type == VIRTIO_NET_HDR_GSO_NONE)
		rx_one(vf, frame);
	else if (netpkt_segment(frame, rx_one, vf))
		vf->stats.rx_malformed++;
}

void vf_saw_synthetic(struct nic *nic)
{
	if (nic->vf)
		nic->vf->stats.tx_synthetic += nic->vf->on_vf;
}

/* A frame of the VF */
static void on_frame(void *ctx, struct net_frame *frame)
{
	struct vf *vf = ctx;
	struct nic *nic = vf->nic;

	vf->stats.tx_other_path += !vf->on_vf;
	vf->stats.tx_too_early += !vf->agreed;
	pcap_frame(nic->pcap, frame->data, frame->len);
	if (!nic->link_up || !vf->dev.link_up ||
	    (nic->uplink && nic->uplink->ops->send(nic->uplink, frame)))
		vf->stats.tx_dropped++;
}

/* --- making and freeing --- */

int vf_create(struct nic *nic)
{
	struct vf *vf;

	if (nic->cfg.vf == NIC_VF_NONE)
		return 0;
	vf = calloc(1, sizeof(*vf));
	if (!vf)
		return -ENOMEM;
	vf->nic = nic;
	snprintf(vf->name, sizeof(vf->name), "%s vf", nic->ident);
	if (ixgbevf_init(&vf->dev, vf->name, nic->cfg.vf_lab ? &lab_ids : NULL,
			 nic->cfg.mac, on_frame, vf)) {
		free(vf);
		return -ENOMEM;
	}
	vf->dev.speed_mbps = nic->cfg.speed_mbps;
	vf->bus = (struct vpci_bus){
		.name = vf->name, .newest = nic->cfg.vpci,
		.serial = nic->index + 1, .fn = &vf->dev.fn,
		.ops = &bus_ops, .ctx = vf,
	};
	memcpy(vf->bus.instance, vf_instance, sizeof(vf->bus.instance));
	vf->bus.instance[4] = (u8)(nic->index + 1);
	vf->bus.instance[15] = (u8)nic->index;
	vf->vf_first = nic->cfg.vf_first;
	vf->associate = true;
	vf->eject_ms = EJECT_MS;
	vf->timer = (struct loop_timer){ .fn = timer_fired, .ctx = vf };
	vf->tell = (struct loop_timer){ .fn = tell_fired, .ctx = vf };
	vf->flap = (struct loop_timer){ .fn = flap_fired, .ctx = vf };
	nic->vf = vf;
	return nic->cfg.vf == NIC_VF_PRESENT ? vf_add(vf) : 0;
}

void vf_free(struct nic *nic)
{
	struct vf *vf = nic->vf;

	if (!vf)
		return;
	loop_timer_cancel(&vf->timer);
	loop_timer_cancel(&vf->tell);
	loop_timer_cancel(&vf->flap);
	ixgbevf_exit(&vf->dev);
	free(vf);
	nic->vf = NULL;
}
