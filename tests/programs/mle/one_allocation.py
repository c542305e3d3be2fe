data = bytearray(10**11)
