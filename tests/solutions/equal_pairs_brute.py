n, k, *a = [int(t) for t in open(0).read().split()]
print(sum(a[i] + a[j] == k for j in range(n) for i in range(j)))
