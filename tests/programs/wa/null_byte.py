print("42\x00")
