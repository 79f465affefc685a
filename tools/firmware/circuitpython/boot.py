# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs once when the board gets power: opens the data port, and hides the CIRCUITPY drive unless the button is held.

A drive that a computer has mounted at night can be written to by anybody, and a write may stop the board.
"""
import board
import digitalio
import storage
import usb_cdc

if hasattr(board, "BUTTON_A"):  # Circuit Playground: the button connects to 3.3 V
    button = digitalio.DigitalInOut(board.BUTTON_A)
    button.switch_to_input(pull=digitalio.Pull.DOWN)
    held = button.value
else:  # XIAO: a button or a wire from D1 to GND
    button = digitalio.DigitalInOut(board.D1)
    button.switch_to_input(pull=digitalio.Pull.UP)
    held = not button.value
button.deinit()

usb_cdc.enable(console=True, data=True)
if not held:
    storage.disable_usb_drive()
