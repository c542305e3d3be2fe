print("\u0664\u0662")
