# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the firmware's own code.py and boot.py on stand-ins for the board: test_code.py SCENARIO FOLDER.

Writes FOLDER/bytes, what the computer received, and FOLDER/truth.json, what it should find there. The stand-ins keep a
clock of their own: a night takes as long as Python needs for it. The sensors' registers behave as their data sheets say.
"""
import binascii
import json
import os
import random
import runpy
import struct
import sys
import types
from time import gmtime

HERE = os.path.dirname(os.path.abspath(__file__))
SECOND = 1_000_000_000
ADDRESS = {"LIS3DH": 0x19, "LSM6DS3C": 0x6A}


class PowerOff(BaseException):
    """The cable is pulled: no program can catch it by `except Exception`."""


class Reset(BaseException):
    """The board resets itself."""


class World:
    """The time, and what happens when."""

    def __init__(self, scenario):
        self.now = 0
        self.end = int(scenario["seconds"] * SECOND)
        self.stalls = [(int(at * SECOND), int(length * SECOND)) for at, length in scenario.get("stalls", [])]

    def pass_by(self, nanoseconds):
        self.now += nanoseconds
        if self.now >= self.end:
            raise PowerOff

    def sleep(self, seconds):
        self.pass_by(int(seconds * SECOND))
        if self.stalls and self.now >= self.stalls[0][0]:
            # As when memory is tidied up or the flash is written: nothing else runs.
            self.pass_by(self.stalls.pop(0)[1])

    def monotonic_ns(self):
        self.pass_by(20_000)
        tick = SECOND // 32768  # the resolution of the nRF52840's clock
        return self.now // tick * tick


def counts(number, model):
    """The counts of the sensor's sample of this number: they say which one it is."""
    x = (number % 4000 - 2000) << 4
    y = (number // 4000 % 4000 - 2000) << 4
    z = (number * 7 % 1000) << 4 if model == "LIS3DH" else number * 7 % 16000
    return (x, y, 0x7FF0) if number % 500 == 499 else (x, y, z)


class Sensor:
    """What both sensors have in common: a rate that is not quite the one on the label, and a FIFO."""

    def __init__(self, world, scenario):
        self.world = world
        self.registers = {}
        self.fifo = []
        self.number = 0  # of the next sample
        self.next_time = None
        self.period = None
        self.deviation = scenario.get("deviation", 1.012)
        self.segments = []
        self.longest = 0

    def set_rate(self, rate):
        if rate is None:
            return
        self.period = int(SECOND / rate * self.deviation)
        self.next_time = self.world.now + self.period
        self.segments.append(
            {"sample": self.number, "time": self.next_time / 1000, "period": self.period / 1000})

    def advance(self):
        while self.next_time is not None and self.next_time <= self.world.now:
            if self.is_collecting():
                self.put(self.number)
                self.longest = max(self.longest, len(self.fifo))
            self.number += 1
            self.next_time += self.period


class LIS3DH(Sensor):
    model = "LIS3DH"
    rates = {3: 25, 4: 50, 5: 100, 6: 200, 7: 400}

    def is_collecting(self):
        return self.registers.get(0x24, 0) & 0x40 and self.registers.get(0x2E, 0) >> 6 == 2

    def put(self, number):
        if len(self.fifo) == 32:
            self.fifo.pop(0)
        self.fifo.append(number)

    def write(self, register, value):
        assert 0x1E <= register <= 0x3F and register not in (0x27, 0x2F, *range(0x28, 0x2E)), hex(register)
        if register == 0x20:
            assert value & 0x0F == 7, "three axes, no low power"
            self.set_rate(self.rates[value >> 4])
        if register == 0x2E and value >> 6 == 0:
            self.fifo.clear()
        self.registers[register] = value

    def read(self, register, count):
        if register == 0x0F:
            return bytes([0x33])
        if register == 0x2F:
            unread = len(self.fifo)
            watermark = self.registers[0x2E] & 0x1F
            return bytes([(unread > watermark) << 7 | (unread == 32) << 6 | (unread == 0) << 5 | min(unread, 31)])
        assert register == 0x28 | 0x80, "many bytes need the top bit"
        assert self.registers[0x23] == 0xA8, "8 g, high resolution"
        assert count % 6 == 0 and count // 6 <= len(self.fifo), "read more than there is"
        return b"".join(struct.pack("<hhh", *counts(self.fifo.pop(0), self.model)) for _ in range(count // 6))


class LSM6DS3TRC(Sensor):
    model = "LSM6DS3C"
    rates = {2: 26, 3: 52, 4: 104, 5: 208, 6: 416}
    capacity = 2046

    def __init__(self, world, scenario):
        super().__init__(world, scenario)
        self.has_overrun = False
        self.cut = scenario.get("cut", 0)

    def is_collecting(self):
        control = self.registers.get(0x0A, 0)
        return control & 7 == 6 and self.registers.get(0x08, 0) & 7 == 1 and control >> 3 == self.registers[0x10] >> 4

    def put(self, number):
        for axis, value in enumerate(counts(number, self.model)):
            if len(self.fifo) == self.capacity:
                self.fifo.pop(0)
                self.has_overrun = True
            self.fifo.append((axis, value))
        if self.cut and number == self.cut:
            # What a real one does after a torn read: the oldest sample is no longer whole.
            self.fifo.pop(0)

    def write(self, register, value):
        if register == 0x10:
            assert value & 0x0F == 0x0C, "8 g"
            self.set_rate(self.rates[value >> 4])
        if register == 0x0A and value & 7 == 0:
            self.fifo.clear()
            self.has_overrun = False
        self.registers[register] = value

    def read(self, register, count):
        if register == 0x0F:
            return bytes([0x6A])
        assert self.registers[0x12] & 0x04, "the address counts up"
        if register == 0x3A:
            words = len(self.fifo)
            pattern = self.fifo[0][0] if self.fifo else 0
            status = bytes([words & 0xFF, self.has_overrun << 6 | (words == 0) << 4 | words >> 8 & 7, pattern, 0])
            return status[:count]
        assert register == 0x3E and count % 2 == 0 and count // 2 <= len(self.fifo), "read more than there is"
        self.has_overrun = False
        return b"".join(struct.pack("<h", self.fifo.pop(0)[1]) for _ in range(count // 2))


class Port:
    """The data port. Its buffer is small, and the computer empties it a packet at a time, or not at all."""

    def __init__(self, world, scenario):
        self.world = world
        self.timeout = self.write_timeout = None
        self.open = [[int(edge * SECOND) for edge in span] for span in scenario.get("open", [(0, 1e6)])]
        self.deaf = [[int(edge * SECOND) for edge in span] for span in scenario.get("deaf", [])]
        self.commands = [(int(at * SECOND), data) for at, data in scenario.get("commands", [])]
        self.buffer = bytearray()
        self.incoming = bytearray()
        self.received = bytearray()
        self.drained = 0

    @staticmethod
    def within(spans, now):
        return any(start <= now < end for start, end in spans)

    @property
    def connected(self):
        return self.within(self.open, self.world.now)

    def drain(self):
        now = self.world.now
        if not self.within(self.deaf, now):
            packets = (now - self.drained) * 64 // 1_000_000
            self.received += self.buffer[:packets]
            del self.buffer[:packets]
        self.drained = now

    def write(self, data):
        assert self.write_timeout == 0, "a write that can wait for the computer"
        assert self.connected, "written to a closed port"
        self.world.pass_by(50_000)
        self.drain()
        count = min(len(data), 256 - len(self.buffer))
        self.buffer += data[:count]
        # CircuitPython may say None where nothing fits.
        return count or None

    def reset_output_buffer(self):
        self.buffer.clear()

    @property
    def in_waiting(self):
        while self.commands and self.commands[0][0] <= self.world.now:
            self.incoming += self.commands.pop(0)[1]
        return len(self.incoming)

    def readinto(self, buffer):
        assert self.timeout == 0
        count = min(len(buffer), len(self.incoming), 64)
        buffer[:count] = self.incoming[:count]
        del self.incoming[:count]
        return count


def stand_ins(world, scenario, sensor, port, log):
    """The modules of CircuitPython, by name."""
    is_xiao = scenario.get("board") == "xiao"
    model = "LSM6DS3C" if is_xiao else "LIS3DH"
    names = (
        "IMU_SCL IMU_SDA IMU_PWR D1 LED_RED VBATT READ_BATT_ENABLE"
        if is_xiao
        else "ACCELEROMETER_SCL ACCELEROMETER_SDA BUTTON_A LED"
    )
    board = types.SimpleNamespace(**{name: name for name in names.split()})
    board.board_id = "Seeed_XIAO_nRF52840_Sense" if is_xiao else "circuitplayground_bluefruit"
    pins = {}

    class I2C:
        def __init__(self, scl, sda, frequency):
            assert (scl, sda) == (("IMU_SCL", "IMU_SDA") if is_xiao else ("ACCELEROMETER_SCL", "ACCELEROMETER_SDA"))
            self.frequency = frequency
            self.is_locked = False

        def try_lock(self):
            self.is_locked = True
            return True

        def transfer(self, address, count):
            assert self.is_locked
            world.pass_by((count + 2) * 9 * SECOND // self.frequency)
            sensor.advance()
            failed = any(start <= world.now / SECOND < end for start, end in scenario.get("broken", []))
            if address != ADDRESS[model] or failed or is_xiao and not pins["IMU_PWR"].value:
                raise OSError(19, "No such device")

        def writeto(self, address, buffer):
            self.transfer(address, len(buffer))
            sensor.write(buffer[0], buffer[1])

        def writeto_then_readfrom(self, address, output, buffer, *, out_end, in_start, in_end):
            self.transfer(address, out_end + in_end - in_start)
            buffer[in_start:in_end] = sensor.read(output[0], in_end - in_start)

    class DigitalInOut:
        def __init__(self, pin):
            assert pin in names.split(), pin
            self.pin = pin
            self.output = None
            pins[pin] = self

        def switch_to_input(self, pull):
            self.pull = pull

        def switch_to_output(self, value):
            self.output = value

        def deinit(self):
            pass

        @property
        def value(self):
            if self.output is not None:
                return self.output
            held = any(start <= world.now / SECOND < end for start, end in scenario.get("held", []))
            # A button to 3.3 V with a pull-down, or one to ground with a pull-up.
            assert self.pull == ("up" if is_xiao else "down")
            return held != is_xiao

        @value.setter
        def value(self, value):
            assert self.output is not None
            if self.pin in ("LED", "LED_RED") and value != self.output:
                log["lamp"].append((world.now / SECOND, value != is_xiao))
            self.output = value

    class RTC:
        def __setattr__(self, name, value):
            assert name == "datetime"
            log["calendar"] = list(value)[:6]

    def reset():
        raise Reset

    class AnalogIn:
        reference_voltage = 3.3

        def __init__(self, pin):
            assert pin == "VBATT" and pins["READ_BATT_ENABLE"].value is False
            self.value = int(scenario.get("battery", 3.9) * 510 / 1510 / 3.3 * 65535)

    modules = {
        "board": board,
        "busio": types.SimpleNamespace(I2C=I2C),
        "digitalio": types.SimpleNamespace(
            DigitalInOut=DigitalInOut, Pull=types.SimpleNamespace(UP="up", DOWN="down")),
        "microcontroller": types.SimpleNamespace(
            cpu=types.SimpleNamespace(uid=bytes.fromhex("0123456789ABCDEF"), temperature=31.25), reset=reset),
        "supervisor": types.SimpleNamespace(runtime=types.SimpleNamespace(autoreload=True)),
        "usb_cdc": types.SimpleNamespace(
            data=None if scenario.get("no_port") else port,
            enable=lambda console, data: log.update(console=console, data=data)),
        "storage": types.SimpleNamespace(disable_usb_drive=lambda: log.update(drive=False)),
        "analogio": types.SimpleNamespace(AnalogIn=AnalogIn),
        "rtc": types.SimpleNamespace(RTC=RTC),
        "time": types.SimpleNamespace(
            monotonic_ns=world.monotonic_ns, sleep=world.sleep, localtime=gmtime),
    }
    if scenario.get("no_binascii"):
        modules["binascii"] = None  # importing it fails
    return modules


def run_board(scenario, seed):
    """One run from power-up to the pulled cable: the bytes received, and the truth."""
    world = World(scenario)
    sensor = (LSM6DS3TRC if scenario.get("board") == "xiao" else LIS3DH)(world, scenario)
    port = Port(world, scenario)
    log = {"lamp": [], "drive": True, "calendar": None, "ended": "returned"}
    modules = stand_ins(world, scenario, sensor, port, log)
    urandom = os.urandom
    saved = {name: sys.modules.get(name) for name in modules}
    try:
        os.urandom = lambda count: random.Random(seed).randbytes(count)
        sys.modules.update(modules)
        runpy.run_path(os.path.join(HERE, "circuitpython", "boot.py"))
        if not scenario.get("only_boot"):
            runpy.run_path(os.path.join(HERE, "circuitpython", "code.py"))
    except PowerOff:
        log["ended"] = "power off"
    except Reset:
        log["ended"] = "reset"
    finally:
        os.urandom = urandom
        for name, module in saved.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
    if port.within(port.open, world.end - 1):
        port.received += port.buffer  # what was on its way
    truth = {
        "model": sensor.model,
        "boot": struct.unpack("<H", random.Random(seed).randbytes(2))[0],
        "segments": sensor.segments,
        "samples": sensor.number,
        "longestFIFO": sensor.longest,
        "autoreload": modules["supervisor"].runtime.autoreload,
        "lamp": [{"time": time, "isOn": is_on} for time, is_on in log["lamp"]],
        "drive": log["drive"],
        "dataPort": log.get("data", False),
        "calendar": log["calendar"],
        "ended": log["ended"],
    }
    return bytes(port.received), truth


def command(kind, payload=b"", stream=0, sequence=0):
    """A command as README.md says, byte for byte; made without the firmware's own code."""
    body = struct.pack("<BBHHIQ", kind, stream, len(payload), 0, sequence, 0) + payload
    return b"\xa5\x5a" + body + struct.pack("<I", binascii.crc32(body))


def damaged(data):
    return data[:-1] + bytes([data[-1] ^ 1])


SCENARIOS = {
    "plain": [{"seconds": 130, "open": [(2.5, 1e6)]}],
    "xiao": [{"seconds": 130, "board": "xiao", "deviation": 0.987}],
    "no-binascii": [{"seconds": 20, "no_binascii": True}],
    # Too short to lose anything, then long enough: 32 samples are 324 ms here.
    "overrun": [{"seconds": 60, "stalls": [(10, 0.2), (20, 0.7), (30, 2.5), (40, 0.4)]}],
    "xiao-overrun": [{"seconds": 60, "board": "xiao", "stalls": [(10, 5.0), (20, 9.0)]}],
    "xiao-torn": [{"seconds": 20, "board": "xiao", "cut": 1003}],
    # A pause that fits into the queue, and one that does not.
    "deaf": [{"seconds": 120, "deaf": [(10, 20), (40, 80)]}],
    "button": [{"seconds": 30, "held": [(5, 5.2), (10, 10.02), (10.03, 10.3), (20, 24)]}],
    "xiao-button": [{"seconds": 20, "board": "xiao", "held": [(5, 5.2)]}],
    "restart": [{"seconds": 12}, {"seconds": 9}],
    # Closed by a computer that had read nothing for half a second: the port's own buffer is full of old bytes.
    "reopened": [{"seconds": 40, "open": [(1, 10), (20, 1e6)], "deaf": [(9.5, 15)]}],
    "broken": [{"seconds": 40, "broken": [(10, 13.2)]}],
    "broken-at-first": [{"seconds": 20, "broken": [(0, 5)]}],
    "low-battery": [{"seconds": 8, "board": "xiao", "battery": 3.4}],
    "commands": [
        {
            "seconds": 40,
            "commands": [
                (5, command(0x81)),
                (8, command(0x83, sequence=1)),
                (12, command(0x82, sequence=2)),
                # A false start, noise, a damaged command, one that does not exist and one for a leg that does not.
                (16, b"\xa5\x5a\x81\x00\x05\x00" + b"AT\r\n" * 9 + damaged(command(0x83)) + command(0x9F)
                 + command(0x85, struct.pack("<H", 400), stream=1)),
                (20, command(0x84, struct.pack("<Q", 1_750_000_000_000_000), sequence=3)),
                (24, command(0x85, struct.pack("<H", 208), sequence=4)),
                (30, command(0x84, bytes(16))[:9]),  # the rest never comes
                (32, command(0x85, struct.pack("<H", 1000), sequence=5)),
            ],
        }
    ],
    "rate-while-deaf": [
        {"seconds": 20, "deaf": [(8, 12)], "commands": [(10, command(0x85, struct.pack("<H", 200)))]}
    ],
    "rate-lost": [
        {"seconds": 70, "deaf": [(8, 55)], "commands": [(10, command(0x85, struct.pack("<H", 200)))]}
    ],
    "fastest": [{"seconds": 60, "commands": [(5, command(0x85, struct.pack("<H", 400)))]}],
    "slowest": [{"seconds": 60, "commands": [(5, command(0x85, struct.pack("<H", 25)))]}],
    "boot": [{"seconds": 5, "only_boot": True}],
    "boot-held": [{"seconds": 5, "held": [(0, 9)]}],
    "xiao-boot": [{"seconds": 5, "board": "xiao", "only_boot": True}],
    "xiao-boot-held": [{"seconds": 5, "board": "xiao", "held": [(0, 9)]}],
    "no-port": [{"seconds": 5, "no_port": True}],
}


def main():
    scenario, folder = sys.argv[1:]
    received, truths = b"", []
    for seed, part in enumerate(SCENARIOS[scenario]):
        data, truth = run_board(part, seed)
        received += data
        truths.append(truth)
    with open(os.path.join(folder, "bytes"), "wb") as file:
        file.write(received)
    with open(os.path.join(folder, "truth.json"), "w") as file:
        json.dump(truths, file)


if __name__ == "__main__":
    main()
