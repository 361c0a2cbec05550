/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The emulated machine: the VMBus root with its memory windows, for VPCI and
 * frame buffers (Documentation/protocol.md A.8), the serial port, and how to
 * power off. The addresses are those of layout.h.
 */
DefinitionBlock ("dsdt.aml", "DSDT", 2, "HVHOST", "HVHOST", 1)
{
	/* SLP_TYP of S5, POWER_SLP_TYP_S5 in power.h */
	Name (_S5, Package () { 5, 5, 0, 0 })

	Scope (_SB)
	{
		Device (VMBS)
		{
			Name (_HID, "VMBUS")
			Name (_UID, 0)
			Name (_STA, 0x0F)
			Name (_CRS, ResourceTemplate ()
			{
				DWordMemory (ResourceProducer, PosDecode,
					     MinFixed, MaxFixed, NonCacheable,
					     ReadWrite, 0, 0xE0000000,
					     0xEFFFFFFF, 0, 0x10000000)
				QWordMemory (ResourceProducer, PosDecode,
					     MinFixed, MaxFixed, NonCacheable,
					     ReadWrite, 0, 0x800000000,
					     0xFFFFFFFFF, 0, 0x800000000)
			})
		}

		Device (COM1)
		{
			Name (_HID, EisaId ("PNP0501"))
			Name (_UID, 0)
			Name (_STA, 0x0F)
			Name (_CRS, ResourceTemplate ()
			{
				IO (Decode16, 0x03F8, 0x03F8, 1, 8)
				IRQNoFlags () { 4 }
			})
		}
	}
}
