# The faces alone: no torch, no GPU. Talks to the service by THREADREEL_SERVICE__URL and THREADREEL_SERVICE__KEY.
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 THREADREEL_DATA_DIR=/data
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot ./bot
COPY inference ./inference
COPY storage ./storage
# The pocket model is 20 MB that a bot never reads.
RUN rm -rf inference/pocket && pip install -c constraints.txt '.[bot]' \
    && useradd --create-home --uid 10001 threadreel && mkdir /data && chown threadreel /data
USER threadreel
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["threadreel"]
CMD ["bot"]
