# Your users in an image of their own, compiled ahead and without a compiler in it. Beside your locustfile.cpp:
#
#   docker build -t katydid .                              in Katydid's sources
#   docker build -t katydid:runtime --target runtime .     likewise
#   docker build -t my-users -f precompiled.Dockerfile .
#   docker run my-users --worker --master-host HOST
FROM katydid AS compiled
COPY locustfile.cpp ./
RUN ["katydid", "--locustfile", "locustfile.cpp", "--compile-to", "users.so"]

FROM katydid:runtime
COPY --from=compiled /home/katydid/users.so ./
ENV LOCUST_LOCUSTFILE=users.so
