# Processes that share work, locks, queues, values and memory by name.
import multiprocessing
from multiprocessing import shared_memory


def square(number):
    return number * number


def add(lock, total, queue):
    for _ in range(100):
        with lock:
            total.value += 1
    queue.put(total.value)


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    with context.Pool(3) as pool:
        assert pool.map(square, range(50)) == [number * number for number in range(50)]
    lock, total, queue = context.Lock(), context.Value("i", 0, lock=False), context.Queue()
    workers = [context.Process(target=add, args=(lock, total, queue)) for _ in range(3)]
    for worker in workers:
        worker.start()
    seen = [queue.get() for _ in workers]
    for worker in workers:
        worker.join()
    assert (total.value, max(seen)) == (300, 300)
    memory = shared_memory.SharedMemory(create=True, size=10_000)
    memory.buf[:3] = b"abc"
    assert bytes(memory.buf[:3]) == b"abc"
    memory.close()
    memory.unlink()
