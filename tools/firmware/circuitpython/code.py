# SPDX-License-Identifier: GPL-3.0-or-later
"""A leg sensor that speaks LegWire 1 on the data port of USB; for CircuitPython 8 or later.

README.md, one folder up, says what is sent, what can be asked for, and what could not be checked.
One turn of the loop: empty the sensor's FIFO, look at the button and the port, send what the computer takes. Nothing waits
for the computer: what it does not take is kept for 20 s, then the oldest is dropped, counted and flagged.
"""
import os
import struct
import time

import board
import busio
import digitalio
import microcontroller
import supervisor
import usb_cdc

SIDE = 2  # 0 left, 1 right, 2 not said: `nattro record --left SERIAL` says it then
RATE = 100  # samples a second; the sensor takes the rate of its own that is next to it
PAUSE = 0.004  # seconds between two turns; a new sample is seen within about this time

# Frames, their types, the flags of samples: as the protocol numbers them.
SYNC_0, SYNC_1 = 0xA5, 0x5A
DATA, INFO, STATUS, MARK = 1, 2, 3, 4
GET_INFO, START, STOP, SET_TIME, SET_RATE = 0x81, 0x82, 0x83, 0x84, 0x85
OVERRUN, CLIPPED, LOW_BATTERY, CLOCK_ESTIMATED = 1, 2, 4, 8
HEADER = "<BBBBHHIQ"
HEADER_SIZE, CHECKSUM_SIZE, SAMPLES_AT, SAMPLE_SIZE = 20, 4, 28, 6
LARGEST_COUNT = 10  # samples in a frame
LARGEST_COMMAND = 16  # bytes of payload
SLOT_SIZE = SAMPLES_AT + LARGEST_COUNT * SAMPLE_SIZE + CHECKSUM_SIZE
SLOTS = 400

SECOND = 1000000000  # nanoseconds
INFO_EVERY = 10  # seconds: a computer that opens a port that was never closed hears what it is listening to


class Checksum:
    """CRC-32 as zlib has it, where `binascii` has none: in two halves, so that no number needs more than 30 bits."""

    def __init__(self):
        self.low = bytearray(512)
        self.high = bytearray(512)
        for byte in range(256):
            low, high = byte, 0
            for _ in range(8):
                carry = low & 1
                low = low >> 1 | (high & 1) << 15
                high >>= 1
                if carry:
                    low ^= 0x8320
                    high ^= 0xEDB8
            struct.pack_into("<H", self.low, byte * 2, low)
            struct.pack_into("<H", self.high, byte * 2, high)

    def __call__(self, data):
        low = high = 0xFFFF
        low_table, high_table = self.low, self.high
        for byte in data:
            place = ((low ^ byte) & 0xFF) * 2
            low = (low >> 8 | (high & 0xFF) << 8) ^ (low_table[place] | low_table[place + 1] << 8)
            high = high >> 8 ^ (high_table[place] | high_table[place + 1] << 8)
        return (high ^ 0xFFFF) << 16 | low ^ 0xFFFF


try:
    from binascii import crc32
except ImportError:
    crc32 = Checksum()


class Registers:
    """The registers of a chip on I2C."""

    def __init__(self, i2c, address):
        self.i2c = i2c
        self.address = address
        self.command = bytearray(2)
        self.answer = bytearray(4)

    def write(self, register, value):
        self.command[0] = register
        self.command[1] = value
        self.i2c.writeto(self.address, self.command)

    def read(self, register, buffer, start, end):
        self.command[0] = register
        self.i2c.writeto_then_readfrom(self.address, self.command, buffer, out_end=1, in_start=start, in_end=end)

    def identity(self):
        self.read(0x0F, self.answer, 0, 1)
        return self.answer[0]


class LIS3DH:
    """ST LIS3DH: 12 bits, left in 16; a FIFO of 32 samples (data sheet and application note AN3308)."""

    name = b"LIS3DH"
    rates = ((25, 3), (50, 4), (100, 5), (200, 6), (400, 7))
    full_scale = 8000  # mg
    scale = 0.004 / 16  # g: 4 mg a digit at 8 g

    def __init__(self, i2c, address):
        self.registers = Registers(i2c, address)
        self.overrun = False

    def configure(self, code, watermark):
        """Sets the rate and begins with an empty FIFO."""
        if self.registers.identity() != 0x33:
            raise OSError("no LIS3DH")
        for register, value in (
            (0x2E, 0x00),  # FIFO_CTRL: bypass, which empties it
            (0x21, 0x00),  # CTRL2: no high-pass filter
            (0x22, 0x00),  # CTRL3: no interrupts
            (0x25, 0x00),  # CTRL6
            (0x23, 0xA8),  # CTRL4: both bytes of a value at once, 8 g, high resolution
            (0x24, 0x40),  # CTRL5: FIFO on
            (0x20, code << 4 | 7),  # CTRL1: rate, three axes
            (0x2E, 0x80 | watermark - 1),  # FIFO_CTRL: stream, watermark
        ):
            self.registers.write(register, value)

    def waiting(self):
        """How many samples are in the FIFO; `overrun` says whether older ones may be lost."""
        answer = self.registers.answer
        self.registers.read(0x2F, answer, 0, 1)
        source = answer[0]
        self.overrun = source & 0x40 != 0
        return 32 if self.overrun else source & 0x1F

    def read(self, buffer, start, end):
        """Reads samples; the address goes from the last output register back to the first by itself."""
        self.registers.read(0x28 | 0x80, buffer, start, end)


class LSM6DS3TRC:
    """ST LSM6DS3TR-C: 16 bits; a FIFO of 4 KiB, read word by word (data sheet and application note AN5130)."""

    name = b"LSM6DS3C"
    rates = ((26, 2), (52, 3), (104, 4), (208, 5), (416, 6))
    full_scale = 8000
    scale = 0.000244
    capacity = 682  # samples

    def __init__(self, i2c, address):
        self.registers = Registers(i2c, address)
        self.overrun = False

    def configure(self, code, watermark):
        if self.registers.identity() != 0x6A:
            raise OSError("no LSM6DS3TR-C")
        words = watermark * 3
        for register, value in (
            (0x12, 0x44),  # CTRL3_C: both bytes of a value at once, address counts up
            (0x0A, 0x00),  # FIFO_CTRL5: bypass, which empties it
            (0x11, 0x00),  # CTRL2_G: gyroscope off
            (0x06, words & 0xFF),  # FIFO_CTRL1, 2: watermark
            (0x07, words >> 8),
            (0x08, 0x01),  # FIFO_CTRL3: every sample of the accelerometer, none of the gyroscope
            (0x09, 0x00),
            (0x10, code << 4 | 0x0C),  # CTRL1_XL: rate, 8 g
            (0x0A, code << 3 | 6),  # FIFO_CTRL5: stream at the same rate
        ):
            self.registers.write(register, value)

    def waiting(self):
        answer = self.registers.answer
        self.registers.read(0x3A, answer, 0, 4)
        self.overrun = answer[1] & 0x40 != 0
        words = answer[0] | (answer[1] & 7) << 8
        if words == 0 and self.overrun:  # 11 bits cannot say that it is full
            words = self.capacity * 3
        axis = (answer[2] | (answer[3] & 3) << 8) % 3
        if words and axis:
            # The oldest sample is cut: on to the next x.
            skipped = min(3 - axis, words)
            self.registers.read(0x3E, answer, 0, 2)
            if skipped == 2:
                self.registers.read(0x3E, answer, 0, 2)
            words -= skipped
        return words // 3

    def read(self, buffer, start, end):
        self.registers.read(0x3E, buffer, start, end)


BOARDS = {
    # Sensor, button A and lamp are on it: nothing to solder.
    "circuitplayground_bluefruit": {
        "sensor": LIS3DH,
        "address": 0x19,
        "scl": "ACCELEROMETER_SCL",
        "sda": "ACCELEROMETER_SDA",
        "button": "BUTTON_A",
        "pressed": True,
        "lamp": "LED",
        "lit": True,
    },
    # A button or a wire from D1 to GND, if one is wanted.
    "Seeed_XIAO_nRF52840_Sense": {
        "sensor": LSM6DS3TRC,
        "address": 0x6A,
        "scl": "IMU_SCL",
        "sda": "IMU_SDA",
        "power": "IMU_PWR",
        "button": "D1",
        "pressed": False,
        "lamp": "LED_RED",
        "lit": False,
        "battery": "VBATT",
        "battery_on": "READ_BATT_ENABLE",
        "divider": 1510 / 510,
    },
}


def pin(settings, key):
    """The pin that a board has for something, or None."""
    return getattr(board, settings[key], None) if key in settings else None


class Lamp:
    """The little lamp: dark through a good night."""

    def __init__(self, settings):
        place = pin(settings, "lamp")
        self.lit = settings["lit"]
        self.output = None
        self.is_on = False
        if place is not None:
            self.output = digitalio.DigitalInOut(place)
            self.output.switch_to_output(value=not self.lit)

    def set(self, is_on):
        if self.output is not None and is_on != self.is_on:
            self.output.value = self.lit if is_on else not self.lit
            self.is_on = is_on


class Button:
    """A button; bounces within 50 ms are one press."""

    def __init__(self, settings):
        self.input = digitalio.DigitalInOut(pin(settings, "button"))
        self.pressed = settings["pressed"]
        self.input.switch_to_input(pull=digitalio.Pull.DOWN if self.pressed else digitalio.Pull.UP)
        self.was_held = self.is_held()
        self.changed = 0

    def is_held(self):
        return self.input.value == self.pressed

    def was_pressed(self, now):
        is_held = self.is_held()
        if is_held == self.was_held or now - self.changed < SECOND // 20:
            return False
        self.was_held = is_held
        self.changed = now
        return is_held


class Battery:
    """The battery's voltage, where the board can measure it."""

    def __init__(self, settings):
        self.input = None
        place = pin(settings, "battery")
        if place is None:
            return
        try:
            import analogio
        except ImportError:
            return
        # Low, and low for good: high would put the battery's full voltage on the input while it is charged.
        self.enable = digitalio.DigitalInOut(pin(settings, "battery_on"))
        self.enable.switch_to_output(value=False)
        self.input = analogio.AnalogIn(place)
        self.divider = settings["divider"]

    def millivolts(self):
        """0 where there is none, or no such voltage can be a battery's."""
        if self.input is None:
            return 0
        value = int(self.input.value / 65535 * self.input.reference_voltage * self.divider * 1000)
        return value if 2500 <= value <= 5000 else 0


class SampleClock:
    """When each sample was taken, on the board's clock.

    A sample that is in the FIFO was taken before the FIFO was looked at, and the next one after: each look narrows both
    the time and, over minutes, the true time from sample to sample.
    """

    def __init__(self):
        self.restart(SECOND // RATE)

    def restart(self, period):
        """Begins anew with a period from the data sheet."""
        self.period = period
        self.settle = SECOND // period
        self.forget()

    def forget(self):
        """Begins anew with the period as it is known."""
        self.index = None
        self.time = 0
        self.is_known = False
        self.begin = None

    def look(self, newest, before, after):
        """Takes a look at the FIFO, begun and ended at these times, that found `newest` as its last sample."""
        if self.index is None:
            self.index = self.first = newest
            self.time = after
            return
        moment = self.time + (newest - self.index) * self.period
        if moment > after:
            moment = after
        elif moment + self.period <= before:
            moment = before - self.period
        self.index = newest
        self.time = moment

    def measure(self):
        """Measures the period over the last one to two minutes; to be called each second."""
        if self.index is None or self.index - self.first < self.settle:
            return
        if self.begin is None:
            self.begin = self.middle = (self.index, self.time)
            return
        count = self.index - self.begin[0]
        if count < self.settle:
            return
        self.period = (self.time - self.begin[1]) // count
        self.is_known = True
        if self.index - self.middle[0] >= 60 * self.settle:
            self.begin = self.middle
            self.middle = (self.index, self.time)

    def newest_by(self, now):
        """The index of the newest sample at a time, or None while nothing is known."""
        return None if self.index is None else self.index + (now - self.time) // self.period

    def microseconds(self, index):
        return (self.time - (self.index - index) * self.period) // 1000


class FrameQueue:
    """Frames that wait to be sent, in one piece of memory; of a full queue the oldest is dropped."""

    def __init__(self):
        self.memory = bytearray(SLOT_SIZE * SLOTS)
        self.view = memoryview(self.memory)
        self.sizes = bytearray(SLOTS)
        self.clear()

    def clear(self):
        self.first = 0
        self.count = 0

    def place(self):
        """Where the next frame is to be written."""
        return (self.first + self.count) % SLOTS * SLOT_SIZE

    def append(self, size):
        """Keeps what was written at `place`, without its checksum; one slot always stays free for the next."""
        self.sizes[(self.first + self.count) % SLOTS] = size
        self.count += 1

    def is_full(self):
        return self.count >= SLOTS - 1

    def drop(self):
        """Drops the oldest; gives how many samples were in it."""
        place = self.first * SLOT_SIZE
        samples = self.memory[place + 26] if self.memory[place + 2] == DATA else 0
        self.remove()
        return samples

    def take(self, output):
        """Moves the oldest to `output`; gives its size."""
        place = self.first * SLOT_SIZE
        size = self.sizes[self.first]
        output[0:size] = self.view[place : place + size]
        self.remove()
        return size

    def remove(self):
        self.first = (self.first + 1) % SLOTS
        self.count -= 1


class Leg:
    """The sensor on a leg."""

    def __init__(self, settings, port):
        self.port = port
        port.timeout = 0
        port.write_timeout = 0  # a computer that does not read must stop nothing
        self.lamp = Lamp(settings)
        self.button = Button(settings)
        self.battery = Battery(settings)
        if "power" in settings:
            self.power = digitalio.DigitalInOut(pin(settings, "power"))
            self.power.switch_to_output(value=True)
            time.sleep(0.05)
        self.i2c = busio.I2C(pin(settings, "scl"), pin(settings, "sda"), frequency=400000)
        while not self.i2c.try_lock():
            pass
        self.sensor = settings["sensor"](self.i2c, settings["address"])

        self.boot = struct.unpack("<H", os.urandom(2))[0]
        serial = "".join(["%02X" % byte for byte in microcontroller.cpu.uid])
        self.serial = serial.encode()[-16:]
        self.sequence = 0
        self.next_index = 0
        self.flags = 0  # of the next frame of samples
        self.dropped = 0
        self.clock = SampleClock()
        self.queue = FrameQueue()
        self.set_rate(RATE)
        self.is_working = False  # the sensor
        self.retry = 0

        self.is_connected = False
        self.is_streaming = False
        self.streaming_since = 0
        self.was_dropped = False  # since the last frame of samples that was sent
        self.status_due = False
        self.kept_info = bytearray(SLOT_SIZE)  # one that was dropped: what it says holds for the frames behind it
        self.kept_size = 0
        self.marks = []
        self.marked = 0
        self.second = time.monotonic_ns()
        self.seconds = 0
        self.millivolts = self.battery.millivolts()

        self.output = bytearray(SLOT_SIZE)
        self.output_view = memoryview(self.output)
        self.sent = 0
        self.size = 0
        self.input = bytearray(2 * (HEADER_SIZE + LARGEST_COMMAND + CHECKSUM_SIZE))
        self.input_view = memoryview(self.input)
        self.received = 0
        self.received_at = 0

    # Measuring

    def set_rate(self, rate):
        """Chooses the sensor's rate next to this one; False if none is within a tenth."""
        best = min(self.sensor.rates, key=lambda entry: abs(entry[0] - rate))
        if abs(best[0] - rate) * 10 > rate:
            return False
        self.rate, self.code = best
        # 5 samples make 62 bytes: one packet of USB.
        self.count = 5 if self.rate < 150 else LARGEST_COUNT
        return True

    def begin(self):
        """Starts the sensor, or starts it again."""
        try:
            self.sensor.configure(self.code, self.count)
        except OSError:
            self.is_working = False
            return
        self.is_working = True

    def measure(self, now):
        if not self.is_working:
            if now < self.retry:
                return
            self.retry = now + SECOND // 2
            self.begin()
            if self.is_working:
                self.skip(0, now)
                self.clock.forget()
            return
        try:
            waiting = self.sensor.waiting()
            after = time.monotonic_ns()
            is_overrun = self.sensor.overrun
            if is_overrun:
                self.flags |= OVERRUN | CLOCK_ESTIMATED
                self.skip(waiting, after)
            self.clock.look(self.next_index + waiting - 1, now, after)
            while waiting >= self.count or is_overrun and waiting > 0:
                count = min(waiting, self.count)
                self.read(count)
                waiting -= count
        except OSError:
            self.is_working = False

    def skip(self, waiting, now):
        """Counts what the sensor lost before the samples that wait: by the clock, so it is an estimate."""
        newest = self.clock.newest_by(now)
        if newest is None:
            return
        self.flags |= OVERRUN | CLOCK_ESTIMATED
        lost = newest + 1 - self.next_index - waiting
        if lost > 0:
            self.next_index += lost
            if self.is_streaming:
                self.dropped += lost

    def read(self, count):
        """Reads samples straight into the frame that they are sent in."""
        if self.queue.is_full():
            self.drop()
        memory = self.queue.memory
        place = self.queue.place()
        start = place + SAMPLES_AT
        end = start + count * SAMPLE_SIZE
        self.sensor.read(memory, start, end)
        first = self.next_index
        self.next_index += count
        if not self.is_streaming:
            self.flags = 0
            return
        flags = self.flags
        self.flags = 0
        if not self.clock.is_known:
            flags |= CLOCK_ESTIMATED
        if 0 < self.millivolts < 3500:
            flags |= LOW_BATTERY
        for high in range(start + 1, end, 2):
            value = memory[high]
            if value == 0x7F and memory[high - 1] >= 0xF0 or value == 0x80 and memory[high - 1] < 0x10:
                flags |= CLIPPED
                break
        self.write_header(memory, place, DATA, end - place - HEADER_SIZE, self.clock.microseconds(first))
        struct.pack_into("<IHBB", memory, place + HEADER_SIZE, first & 0xFFFFFFFF, flags, count, 0)
        self.queue.append(end - place)

    def drop(self):
        if self.queue.memory[self.queue.first * SLOT_SIZE + 2] == INFO:
            self.kept_size = self.queue.take(self.kept_info)
            return
        self.dropped += self.queue.drop()
        self.was_dropped = True

    # Sending

    def write_header(self, memory, place, kind, size, moment):
        struct.pack_into(HEADER, memory, place, SYNC_0, SYNC_1, kind, 0, size, self.boot, 0, moment)

    def write_info(self, memory, place, now):
        size = 2 + 19 + 16
        self.write_header(memory, place, INFO, size, now // 1000)
        struct.pack_into(
            "<BBBIHf8s16s", memory, place + HEADER_SIZE, 1, 1, SIDE, self.rate * 1000, self.sensor.full_scale,
            self.sensor.scale, self.sensor.name, self.serial)
        return HEADER_SIZE + size

    def write_status(self, memory, place, now):
        size = 20
        self.write_header(memory, place, STATUS, size, now // 1000)
        period = self.clock.period / 1000 if self.clock.is_known else 0
        temperature = microcontroller.cpu.temperature or 0
        struct.pack_into(
            "<HhIQf", memory, place + HEADER_SIZE, self.millivolts, int(temperature * 100),
            self.dropped & 0xFFFFFFFF, now // 1000, period)
        return HEADER_SIZE + size

    def queue_info(self, now):
        """Says what the sensor is, between the frames before the change and those after."""
        if self.queue.is_full():
            self.drop()
        self.queue.append(self.write_info(self.queue.memory, self.queue.place(), now))

    def next_frame(self, now):
        """Puts the next frame into `output`; its size without the checksum, 0 if there is none."""
        if self.marks:
            self.write_header(self.output, 0, MARK, 0, self.marks.pop(0))
            return HEADER_SIZE
        if self.kept_size:
            size = self.kept_size
            self.kept_size = 0
            self.output[0:size] = self.kept_info[0:size]
            return size
        if self.status_due:
            self.status_due = False
            return self.write_status(self.output, 0, now)
        if self.queue.count == 0:
            return 0
        size = self.queue.take(self.output)
        if self.output[2] == DATA and self.was_dropped:
            self.output[24] |= OVERRUN
            self.was_dropped = False
        return size

    def send(self, now):
        if not self.is_connected:
            return
        while True:
            if self.sent == self.size:
                size = self.next_frame(now)
                if size == 0:
                    return
                struct.pack_into("<I", self.output, 8, self.sequence)
                self.sequence = (self.sequence + 1) & 0xFFFFFFFF
                struct.pack_into("<I", self.output, size, crc32(self.output_view[2:size]) & 0xFFFFFFFF)
                self.sent = 0
                self.size = size + CHECKSUM_SIZE
            self.sent += self.port.write(self.output_view[self.sent : self.size]) or 0
            if self.sent < self.size:
                return

    # Obeying

    def start(self, now):
        if not self.is_streaming:
            self.is_streaming = True
            self.streaming_since = now
            self.queue.clear()
            self.marks.clear()
            self.kept_size = 0
            self.was_dropped = False
        self.queue_info(now)

    def stop(self):
        self.is_streaming = False
        self.queue.clear()
        self.marks.clear()

    def watch_port(self, now):
        """An open port starts the samples, a closed one stops them."""
        is_connected = self.port.connected
        if is_connected == self.is_connected:
            return
        self.is_connected = is_connected
        self.sent = self.size = self.received = 0
        self.kept_size = 0
        self.status_due = False
        if is_connected:
            self.port.reset_output_buffer()
            self.start(now)
        else:
            self.stop()

    def receive(self, now):
        if self.received and now - self.received_at > SECOND:
            self.received = 0  # the rest of it will not come
        while self.is_connected and self.port.in_waiting:
            count = self.port.readinto(self.input_view[self.received :])
            if not count:
                return
            self.received += count
            self.received_at = now
            self.find_commands(now)

    def find_commands(self, now):
        data = self.input
        start = 0
        while start + 6 <= self.received:
            length = data[start + 4] | data[start + 5] << 8
            if data[start] != SYNC_0 or data[start + 1] != SYNC_1 or length > LARGEST_COMMAND:
                start += 1
                continue
            end = start + HEADER_SIZE + length
            if end + CHECKSUM_SIZE > self.received:
                break
            checksum = struct.unpack_from("<I", data, end)[0]
            if checksum != crc32(self.input_view[start + 2 : end]) & 0xFFFFFFFF:
                start += 1
                continue
            self.obey(data[start + 2], data[start + 3], start + HEADER_SIZE, length, now)
            start = end + CHECKSUM_SIZE
        self.received -= start
        data[0 : self.received] = bytes(self.input_view[start : start + self.received])

    def obey(self, command, stream, place, length, now):
        """Carries out a command: INFO or STATUS is its receipt. What is not known has none."""
        if command == GET_INFO:
            self.queue_info(now)
        elif command == START:
            self.start(now)
        elif command == STOP:
            self.stop()
            self.status_due = True
        elif command == SET_TIME and length >= 8:
            self.set_time(struct.unpack_from("<Q", self.input, place)[0])
            self.status_due = True
        elif command == SET_RATE and length >= 2 and stream == 0:
            old = self.rate
            if self.set_rate(struct.unpack_from("<H", self.input, place)[0]) and self.rate != old:
                self.clock.restart(SECOND // self.rate)
                self.begin()
            self.queue_info(now)

    def set_time(self, microseconds):
        """Sets the board's calendar clock: the samples' time never uses it."""
        try:
            import rtc

            rtc.RTC().datetime = time.localtime(microseconds // 1000000)
        except (ImportError, OverflowError, ValueError):
            pass

    # Everything else

    def each_second(self, now):
        if now - self.second < SECOND:
            return
        # Late by a stall: no seconds are made up for.
        self.second += (now - self.second) // SECOND * SECOND
        self.seconds += 1
        self.clock.measure()
        self.millivolts = self.battery.millivolts()
        if self.is_streaming:
            self.status_due = True
            if self.seconds % INFO_EVERY == 0:
                self.queue_info(now)

    def show(self, now):
        """Quick flashes: no sensor. A flash every 2 s: no computer listens. Light: begun, or marked. Dark: all is well."""
        if not self.is_working:
            is_on = now // (SECOND // 10) % 2 == 0
        elif not self.is_streaming or self.queue.count > SLOTS // 4:
            is_on = now % (2 * SECOND) < SECOND // 20
        else:
            is_on = now - self.streaming_since < 3 * SECOND or self.marked > 0 and now - self.marked < SECOND // 2
        self.lamp.set(is_on)

    def turn(self):
        now = time.monotonic_ns()
        self.measure(now)
        if self.button.was_pressed(now) and self.is_streaming:
            self.marked = now
            self.marks.append(now // 1000)
            if len(self.marks) > 16:
                self.marks.pop(0)
        self.watch_port(now)
        self.receive(now)
        self.each_second(now)
        self.send(now)
        self.show(now)


def run():
    supervisor.runtime.autoreload = False  # a file that is written must not end the night
    settings = BOARDS.get(board.board_id, BOARDS["circuitplayground_bluefruit"])
    if usb_cdc.data is None:
        print("There is no data port: copy boot.py too, then press reset.")
        return
    try:
        leg = Leg(settings, usb_cdc.data)
        if leg.button.is_held():
            print("The button was held: CIRCUITPY is on for copying, nothing is measured. Press reset when done.")
            leg.lamp.set(True)
            return
        while True:
            leg.turn()
            time.sleep(PAUSE)
    except Exception as error:  # not KeyboardInterrupt: Ctrl-C on the console still ends it
        # Nobody is awake to press reset. The new boot id tells the computer.
        print("restarting in 5 s:", repr(error))
        time.sleep(5)
        microcontroller.reset()


run()
