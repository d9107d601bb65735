"""What every operation of the contracts costs in gas, measured on the embedded chain."""
