// SPDX-License-Identifier: GPL-2.0
/*
 * A 16550A without a wire: what is sent is gone at once, so the transmitter is
 * always empty and its interrupt fires as soon as it is enabled.
 *
 * The guest's driver (Linux 8250) probes the scratch register, the FIFO bits
 * of IIR and the loop-back of MCR into MSR; break, parity and overrun are left
 * out, line settings are stored and mean nothing.
 */
#include <pthread.h>
#include <stdbool.h>

#include "console.h"
#include "pio.h"
#include "serial.h"
#include "vm.h"

#define SERIAL_PORT		0x3F8
#define SERIAL_IRQ		4
#define RX_BYTES		1024u	/* what the host's side keeps; power of 2 */

enum {
	REG_DATA,	/* RBR, THR; divisor low */
	REG_IER,	/* divisor high */
	REG_IIR_FCR,
	REG_LCR,
	REG_MCR,
	REG_LSR,
	REG_MSR,
	REG_SCRATCH,
};

#define IER_RX			0x01
#define IER_TX			0x02
#define IER_MASK		0x0F
#define IIR_NONE		0x01
#define IIR_TX			0x02
#define IIR_RX			0x04
#define IIR_FIFO		0xC0
#define FCR_ENABLE		0x01
#define FCR_CLEAR_RX		0x02
#define LCR_DLAB		0x80
#define MCR_LOOP		0x10
#define MCR_MASK		0x1F
#define LSR_DATA_READY		0x01
#define LSR_TX_EMPTY		0x60	/* holding and shift register */
#define MSR_READY		0xB0	/* carrier, data set ready, clear to send */

/* Protects all of @uart; vCPUs and the I/O thread meet here. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	uint8_t ier, fcr, lcr, mcr, scratch;
	uint8_t divisor[2];
	uint8_t rx[RX_BYTES];
	unsigned int rx_head, rx_tail;	/* free-running */
	bool tx_pending;	/* the transmitter's interrupt is not taken yet */
	bool line;		/* level of the IRQ */
} uart;

static unsigned int rx_count(void)
{
	return uart.rx_head - uart.rx_tail;
}

static uint8_t pending_interrupt(void)
{
	if ((uart.ier & IER_RX) && rx_count())
		return IIR_RX;
	if ((uart.ier & IER_TX) && uart.tx_pending)
		return IIR_TX;
	return IIR_NONE;
}

static void update_line(void)
{
	bool level = pending_interrupt() != IIR_NONE;

	if (level == uart.line)
		return;
	uart.line = level;
	vm_irq_line(SERIAL_IRQ, level);
}

static uint8_t read_data(void)
{
	uint8_t byte = 0;

	if (uart.lcr & LCR_DLAB)
		return uart.divisor[0];
	if (rx_count()) {
		byte = uart.rx[uart.rx_tail++ % RX_BYTES];
		if (!rx_count())
			console_resume();
	}
	return byte;
}

static uint8_t read_iir(void)
{
	uint8_t iir = pending_interrupt();

	if (iir == IIR_TX)
		uart.tx_pending = false;	/* reading takes it */
	return iir | (uart.fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

/* In loop-back the four outputs come back as the four inputs. */
static uint8_t read_msr(void)
{
	if (!(uart.mcr & MCR_LOOP))
		return MSR_READY;
	return (uint8_t)((uart.mcr & 0x02) << 3 | (uart.mcr & 0x01) << 5 |
			 (uart.mcr & 0x04) << 4 | (uart.mcr & 0x08) << 4);
}

static uint8_t read_reg(uint16_t reg)
{
	switch (reg) {
	case REG_DATA:
		return read_data();
	case REG_IER:
		return uart.lcr & LCR_DLAB ? uart.divisor[1] : uart.ier;
	case REG_IIR_FCR:
		return read_iir();
	case REG_LCR:
		return uart.lcr;
	case REG_MCR:
		return uart.mcr;
	case REG_LSR:
		return LSR_TX_EMPTY | (rx_count() ? LSR_DATA_READY : 0);
	case REG_MSR:
		return read_msr();
	default:
		return uart.scratch;
	}
}

static void write_data(uint8_t value)
{
	if (uart.lcr & LCR_DLAB) {
		uart.divisor[0] = value;
		return;
	}
	if (!(uart.mcr & MCR_LOOP))
		console_write(value);
	else if (rx_count() < RX_BYTES)
		uart.rx[uart.rx_head++ % RX_BYTES] = value;
	uart.tx_pending = true;
}

static void write_ier(uint8_t value)
{
	if (uart.lcr & LCR_DLAB) {
		uart.divisor[1] = value;
		return;
	}
	if ((value & IER_TX) && !(uart.ier & IER_TX))
		uart.tx_pending = true;
	uart.ier = value & IER_MASK;
}

static void write_reg(uint16_t reg, uint8_t value)
{
	switch (reg) {
	case REG_DATA:
		write_data(value);
		break;
	case REG_IER:
		write_ier(value);
		break;
	case REG_IIR_FCR:
		uart.fcr = value;
		if (value & FCR_CLEAR_RX)
			uart.rx_tail = uart.rx_head;
		break;
	case REG_LCR:
		uart.lcr = value;
		break;
	case REG_MCR:
		uart.mcr = value & MCR_MASK;
		break;
	case REG_SCRATCH:
		uart.scratch = value;
		break;
	}
}

static uint32_t serial_in(uint16_t off, uint8_t size)
{
	uint32_t value;

	(void)size;
	pthread_mutex_lock(&lock);
	value = read_reg(off);
	update_line();
	pthread_mutex_unlock(&lock);
	return value;
}

static void serial_out(uint16_t off, uint8_t size, uint32_t value)
{
	(void)size;
	pthread_mutex_lock(&lock);
	write_reg(off, (uint8_t)value);
	update_line();
	pthread_mutex_unlock(&lock);
}

size_t serial_room(void)
{
	size_t room;

	pthread_mutex_lock(&lock);
	room = RX_BYTES - rx_count();
	pthread_mutex_unlock(&lock);
	return room;
}

void serial_receive(const uint8_t *data, size_t len)
{
	pthread_mutex_lock(&lock);
	while (len-- && rx_count() < RX_BYTES)
		uart.rx[uart.rx_head++ % RX_BYTES] = *data++;
	update_line();
	pthread_mutex_unlock(&lock);
}

void serial_init(void)
{
	static const struct pio_device dev = {
		SERIAL_PORT, 8, "serial port", serial_in, serial_out,
	};

	pio_register(&dev);
}
