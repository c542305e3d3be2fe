open("/usr/owned", "w")
