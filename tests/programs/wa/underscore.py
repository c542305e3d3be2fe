print("4_2")
