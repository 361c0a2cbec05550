// SPDX-License-Identifier: GPL-2.0
/* Frames that wait in the host, in order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"

void nic_fifo_init(struct nic_fifo *fifo)
{
	memset(fifo, 0, sizeof(*fifo));
	fifo->tail = &fifo->head;
}

int nic_fifo_push(struct nic_fifo *fifo, const struct nic_rx_meta *meta,
		  const void *data, u32 len)
{
	struct nic_frame *frame = malloc(sizeof(*frame) + len);

	if (!frame)
		return -ENOMEM;
	frame->next = NULL;
	if (meta)
		frame->meta = *meta;
	else
		memset(&frame->meta, 0, sizeof(frame->meta));
	frame->len = len;
	memcpy(frame->data, data, len);
	*fifo->tail = frame;
	fifo->tail = &frame->next;
	fifo->count++;
	fifo->bytes += len;
	return 0;
}

void nic_fifo_pop(struct nic_fifo *fifo)
{
	struct nic_frame *frame = fifo->head;

	fifo->head = frame->next;
	if (!fifo->head)
		fifo->tail = &fifo->head;
	fifo->count--;
	fifo->bytes -= frame->len;
	free(frame);
}

void nic_fifo_clear(struct nic_fifo *fifo)
{
	while (fifo->head)
		nic_fifo_pop(fifo);
}
