/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Synthetic NIC: what main() needs to make one.
 */
#ifndef HVHOST_NIC_H
#define HVHOST_NIC_H

/** enum host_gen - generation of the host that is played (Documentation/protocol.md F) */
enum host_gen {
	HOST_WS2012R2,
	HOST_WS2016,
	HOST_WS2019,
	HOST_WS2022,
	HOST_AZURE,
};

/**
 * nic_create() - make a NIC and offer it
 * @index: 0 for the first; names it "nic0" and gives the default MAC and GUID
 * @gen: decides the defaults
 * @spec: the text after --nic, "key=value,..."; "" for all defaults
 *
 * A bad key, value or TAP is told on stderr as "hvhost: --nic: what: why".
 *
 * Return: 0; -EINVAL wrong usage; other -errno when it could not be made.
 */
int nic_create(unsigned int index, enum host_gen gen, const char *spec);

/** nic_help() - the keys, one a line with unit and default, for --help */
const char *nic_help(void);

#endif
