# The user classes of a Katydid worker, for its master: `katydid --master-locustfile` wrote this.
#   locust --master -f THIS_FILE
from locust import User, tag, task


class Visitor(User):
    weight = 1

    @task(3)
    def front_page(self):
        raise NotImplementedError("this user class runs on Katydid workers")

    @task
    def search(self):
        raise NotImplementedError("this user class runs on Katydid workers")
