/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The VF of a synthetic NIC: when it comes and goes, what the guest is told of it
 * on the NIC's channel, and which of the two gets the traffic
 * (Documentation/protocol.md D.9, H.4, H.5). For the NIC's files only; everything
 * runs in the I/O thread.
 */
#ifndef HVHOST_VF_H
#define HVHOST_VF_H

#include "ixgbevf.h"
#include "nic_types.h"
#include "vpci.h"

/**
 * enum vf_state - life of a VF; vf.c has the picture
 * @VF_ABSENT: the host has none for this NIC
 * @VF_WAITING: it has one, whose bus is not offered yet
 * @VF_OFFERED: the bus is offered
 * @VF_LEAVING: the guest was asked to give it up
 */
enum vf_state {
	VF_ABSENT,
	VF_WAITING,
	VF_OFFERED,
	VF_LEAVING,
};

/** enum vf_removal - how the host takes a VF away */
enum vf_removal {
	VF_REMOVE,	/* data path, association, then the function, as planned */
	VF_EJECT,	/* the function; the rest when the guest has given it up */
	VF_SURPRISE,	/* it is gone, nothing is said */
};

/**
 * struct vf_stats - counters; never reset
 * @added: times the host gave a VF
 * @ejected: times the guest gave it up when asked
 * @expired: times it did not, and it was taken
 * @associations: SEND_VF_ASSOCIATION sent, of either kind
 * @to_vf: SWITCH_DATA_PATH that moved the traffic to the VF
 * @to_synthetic: and back
 * @redundant: that changed nothing
 * @refused: that were not obeyed, on request or because there is no VF
 * @rx_filtered: frames for another address
 * @rx_malformed: frames that could not be cut up
 * @tx_dropped: frames of the VF that the uplink or the link's state stopped
 * @tx_other_path: frames of the VF while the synthetic path was chosen
 * @tx_too_early: those of them from before any switch to the VF was answered, since
 *	it came; of a VF that nobody has joined to a card they are its own business
 * @tx_synthetic: frames on the synthetic path while the VF was chosen
 */
struct vf_stats {
	u64 added;
	u64 ejected;
	u64 expired;
	u64 associations;
	u64 to_vf;
	u64 to_synthetic;
	u64 redundant;
	u64 refused;
	u64 rx_filtered;
	u64 rx_malformed;
	u64 tx_dropped;
	u64 tx_other_path;
	u64 tx_too_early;
	u64 tx_synthetic;
};

/**
 * struct vf - the VF of one NIC; lives as long as the NIC, be it there or not
 * @nic: that NIC
 * @name: "nic0 vf"
 * @state: where it is
 * @bus: its virtual PCI bus
 * @dev: the card on it
 * @vf_first: its bus is offered at once, not when the guest knows of the VF
 * @associate: the guest is told of it on the NIC's channel
 * @told: it has been, in the present connection, and not of its end
 * @advertised: it has been in the present connection at any time
 * @left: nobody waits for the guest to give it up: it has closed the bus instead, or
 *	was not asked
 * @on_vf: the VF has the traffic
 * @agreed: the guest may believe so, or might once, since the VF came
 * @exceptions: multicast and broadcast still go the synthetic way
 * @offer_ms: the bus is offered so much later
 * @associate_ms: the guest is told so much later
 * @eject_ms: the guest has so long to give it up
 * @surprise_ms: a surprise removal is said so much later, the card is dead meanwhile
 * @flaps: removals that are still to be done
 * @flap_ms: time between each step
 * @timer: next step of its life: offer, end of patience
 * @tell: the guest is to be told
 * @flap: next step of flapping
 * @stats: counters
 */
struct vf {
	struct nic *nic;
	char name[24];
	enum vf_state state;
	struct vpci_bus bus;
	struct ixgbevf dev;
	bool vf_first;
	bool associate;
	bool told;
	bool advertised;
	bool left;
	bool on_vf;
	bool agreed;
	bool exceptions;
	u32 offer_ms;
	u32 associate_ms;
	u32 eject_ms;
	u32 surprise_ms;
	u32 flaps;
	u32 flap_ms;
	struct loop_timer timer;
	struct loop_timer tell;
	struct loop_timer flap;
	struct vf_stats stats;
};

/**
 * vf_create() - make the VF of a NIC whose options want one, and add it if they say so
 * Return: 0, or -ENOMEM.
 */
int vf_create(struct nic *nic);
/** vf_free() - undo; harmless without one */
void vf_free(struct nic *nic);

/** vf_add() - the host gives the NIC its VF. Return: 0 or -EEXIST. */
int vf_add(struct vf *vf);
/** vf_remove() - the host takes it away. Return: 0, -ENODEV, or -EALREADY. */
int vf_remove(struct vf *vf, enum vf_removal how);
/** vf_flap() - remove and add it @times times, @ms between the steps */
void vf_flap(struct vf *vf, u32 times, u32 ms);
/** vf_tell() - tell the guest of the VF if it may be told and does not know */
void vf_tell(struct vf *vf);
/** vf_move() - the host itself chooses the path and says so */
void vf_move(struct vf *vf, bool on_vf);

/** vf_nic_ready() - the guest has initialised RNDIS: it can be told */
void vf_nic_ready(struct nic *nic);
/** vf_nic_closed() - the NIC's channel was closed: the guest knows nothing */
void vf_nic_closed(struct nic *nic);

/**
 * vf_switch() - SWITCH_DATA_PATH of the guest
 * @obey: false: it is completed without effect, on request
 * Return: false: the guest was never told of a VF.
 */
bool vf_switch(struct nic *nic, bool on_vf, bool obey);

/**
 * vf_answered() - a SWITCH_DATA_PATH to the VF is completed, whether it was obeyed or
 *	not; harmless without a VF
 */
void vf_answered(struct nic *nic);

/** vf_advertised() - whether the guest was told of a VF in this connection */
bool vf_advertised(const struct nic *nic);

/** vf_takes() - whether a frame from the uplink goes to the VF */
bool vf_takes(const struct nic *nic, const struct net_frame *frame);
/** vf_rx() - give the VF a frame from the uplink */
void vf_rx(struct nic *nic, struct net_frame *frame);
/** vf_saw_synthetic() - the guest sent a frame on the synthetic path */
void vf_saw_synthetic(struct nic *nic);

/* vf_ctl.c: hostctl's "nic0 vf ..." */
int vf_ctl(struct nic *nic, int argc, char **argv, FILE *out);

#endif
