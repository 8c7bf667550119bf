"""Users that record what no request has: numbers at the end of 64 bits, and beyond them."""

from locust import FastHttpUser, HttpUser, constant, task


def recording(base):
    class Recording(base):
        abstract = True
        wait_time = constant(0.05)

        def fire(self, name, time, length):
            self.environment.events.request.fire(
                request_type="GET", name=name, response_time=time, response_length=length, exception=None, context={}
            )

        @task
        def end_of_64_bits(self):
            self.fire("/length", 1, 2**64 - 1)

        @task
        def beyond(self):
            self.fire("/beyond", 1, 2**70)

    return Recording


class PlainUser(recording(HttpUser)):
    pass


class PlainFastUser(recording(FastHttpUser)):
    pass
