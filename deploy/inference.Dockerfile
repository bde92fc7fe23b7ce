# The service and its workers. With the NVIDIA container toolkit a worker takes the GPU; without one it renders on the CPU.
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 THREADREEL_DATA_DIR=/data HF_HOME=/models
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN pip install -c constraints.txt torch==2.13.0
COPY bot ./bot
COPY inference ./inference
COPY storage ./storage
RUN pip install -c constraints.txt '.[bot,inference]' \
    && useradd --create-home --uid 10001 threadreel && mkdir /data /models && chown threadreel /data /models
USER threadreel
VOLUME ["/data", "/models"]
EXPOSE 8081
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8081/healthz', timeout=2)"]
ENTRYPOINT ["threadreel"]
CMD ["serve", "--host", "0.0.0.0"]
