print("\ufeff42")
