// SPDX-License-Identifier: GPL-2.0
/*
 * Packets of pages whose pages the host cannot read where they are: in an
 * isolated guest memory is private unless it was made visible to the host, and
 * with swiotlb=force none is to be handed over. The DMA layer then copies what
 * is sent to memory that is, and the host is told of the copy.
 *
 * Memory that is shared with the host for the life of a connection needs none of
 * this: the VMBus core makes it visible when the host is told of it. What the
 * host writes there is copied before it is looked at in any case.
 */
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>
#include <asm/mshyperv.h>

#include "hyperv_net.h"

/**
 * netvsc_bounce_wanted() - whether pages have to be copied for the host
 * @hdev: VMBus device
 *
 * Return: true if the host must not read where they are.
 */
bool netvsc_bounce_wanted(struct hv_device *hdev)
{
	return hv_is_isolation_supported() ||
	       is_swiotlb_force_bounce(&hdev->device);
}

/**
 * netvsc_bounce_add() - add one contiguous piece of memory to a packet, copied
 * @hdev: VMBus device
 * @bounced: what was copied of this packet
 * @pages: the packet
 * @addr: physical address; what is there is complete
 * @len: bytes, not 0
 *
 * Context: who builds the packet.
 * Return: 0; -EMSGSIZE the packet can take no more; -ENOMEM. On an error what
 * was copied so far stays until netvsc_bounce_end().
 */
int netvsc_bounce_add(struct hv_device *hdev, struct netvsc_bounced *bounced,
		      struct netvsc_pages *pages, phys_addr_t addr, u32 len)
{
	struct page *page = pfn_to_page(PHYS_PFN(addr));
	dma_addr_t copy;

	if (bounced->n == NETVSC_MAX_RANGES)
		return -EMSGSIZE;
	copy = dma_map_page_attrs(&hdev->device, page, offset_in_page(addr), len,
				  DMA_TO_DEVICE, DMA_ATTR_NO_WARN);
	if (dma_mapping_error(&hdev->device, copy))
		return -ENOMEM;
	bounced->addr[bounced->n] = copy;
	bounced->len[bounced->n] = len;
	bounced->n++;
	return netvsc_pages_add(pages, copy, len) ? 0 : -EMSGSIZE;
}

/**
 * netvsc_bounce_end() - the host is done with a packet, or never gets it
 * @hdev: VMBus device
 * @bounced: what was copied of it
 *
 * Context: any.
 */
void netvsc_bounce_end(struct hv_device *hdev, struct netvsc_bounced *bounced)
{
	while (bounced->n) {
		bounced->n--;
		dma_unmap_page(&hdev->device, bounced->addr[bounced->n],
			       bounced->len[bounced->n], DMA_TO_DEVICE);
	}
}
