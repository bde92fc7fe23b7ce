"""The service: admission, queue, rendering and the API. Only `engines` and `pocket` import torch."""
