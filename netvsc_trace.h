/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace points: NVSP and RNDIS messages in both directions.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM netvsc

#if !defined(_NETVSC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _NETVSC_TRACE_H

#include <linux/tracepoint.h>

#include "hyperv_net.h"

/* RNDIS control messages in private memory: type, length, request id (E.1) */
DECLARE_EVENT_CLASS(netvsc_rndis,
	TP_PROTO(const struct netvsc_queue *queue,
		 const struct rndis_halt *msg),
	TP_ARGS(queue, msg),
	TP_STRUCT__entry(
		__string(name, queue->adapter->ndev->name)
		__field(u32, queue)
		__field(u32, req)
		__field(u32, type)
		__field(u32, msg_len)
	),
	TP_fast_assign(
		compat_assign_str(name, queue->adapter->ndev->name);
		__entry->queue = queue->idx;
		__entry->req = le32_to_cpu(msg->request_id);
		__entry->type = le32_to_cpu(msg->hdr.type);
		__entry->msg_len = le32_to_cpu(msg->hdr.len);
	),
	TP_printk("dev=%s q=%u req=%#x type=%#x msg_len=%u", __get_str(name),
		  __entry->queue, __entry->req, __entry->type,
		  __entry->msg_len)
);

DEFINE_EVENT(netvsc_rndis, rndis_send,
	TP_PROTO(const struct netvsc_queue *queue,
		 const struct rndis_halt *msg),
	TP_ARGS(queue, msg)
);

DEFINE_EVENT(netvsc_rndis, rndis_recv,
	TP_PROTO(const struct netvsc_queue *queue,
		 const struct rndis_halt *msg),
	TP_ARGS(queue, msg)
);

TRACE_EVENT(nvsp_send,
	TP_PROTO(const struct netvsc_queue *queue,
		 const struct nvsp_message *msg),
	TP_ARGS(queue, msg),
	TP_STRUCT__entry(
		__string(name, queue->adapter->ndev->name)
		__field(u32, queue)
		__field(u32, msg_type)
	),
	TP_fast_assign(
		compat_assign_str(name, queue->adapter->ndev->name);
		__entry->queue = queue->idx;
		__entry->msg_type = le32_to_cpu(msg->type);
	),
	TP_printk("dev=%s q=%u type=%u", __get_str(name), __entry->queue,
		  __entry->msg_type)
);

TRACE_EVENT(nvsp_send_pkt,
	TP_PROTO(const struct netvsc_queue *queue,
		 const struct netvsc_slot *slot),
	TP_ARGS(queue, slot),
	TP_STRUCT__entry(
		__string(name, queue->adapter->ndev->name)
		__field(u32, queue)
		__field(u32, packets)
		__field(u32, section)
		__field(u32, section_size)
	),
	TP_fast_assign(
		compat_assign_str(name, queue->adapter->ndev->name);
		__entry->queue = queue->idx;
		__entry->packets = slot->packets;
		__entry->section = slot->sect;
		__entry->section_size = slot->len;
	),
	TP_printk("dev=%s q=%u packets=%u section=%u size=%u", __get_str(name),
		  __entry->queue, __entry->packets, __entry->section,
		  __entry->section_size)
);

TRACE_EVENT(nvsp_recv,
	TP_PROTO(const struct netvsc_queue *queue, u32 type),
	TP_ARGS(queue, type),
	TP_STRUCT__entry(
		__string(name, queue->adapter->ndev->name)
		__field(u32, queue)
		__field(u32, msg_type)
	),
	TP_fast_assign(
		compat_assign_str(name, queue->adapter->ndev->name);
		__entry->queue = queue->idx;
		__entry->msg_type = type;
	),
	TP_printk("dev=%s q=%u type=%u", __get_str(name), __entry->queue,
		  __entry->msg_type)
);

#endif /* _NETVSC_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE netvsc_trace
#include <trace/define_trace.h>
