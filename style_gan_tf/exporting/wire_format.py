"""The few protocol buffers of TF Serving that are read here, without its package.

Messages are declared by field number and name. What is a message of TensorFlow's inside one of
them is declared as bytes: on the wire they are the same. A map is a repeated entry of key and
value, in text and on the wire.
"""

from functools import cache
from typing import Any

_OPTIONAL, _REPEATED = 1, 3
_TYPES = {"int64": 3, "int32": 5, "bool": 8, "string": 9, "message": 11, "bytes": 12, "uint32": 13}

# Message -> [(number, name, type or message, repeated)]. Sources: tensorflow_serving/config/
# model_server_config.proto and file_system_storage_path_source.proto; apis/prediction_log.proto,
# predict.proto and model.proto.
_MESSAGES: dict[str, list[tuple[int, str, str, bool]]] = {
    "Latest": [(1, "num_versions", "uint32", False)],
    "All": [],
    "Specific": [(1, "versions", "int64", True)],
    "VersionPolicy": [
        (100, "latest", "Latest", False),
        (101, "all", "All", False),
        (102, "specific", "Specific", False),
    ],
    "Label": [(1, "key", "string", False), (2, "value", "int64", False)],
    "ModelConfig": [
        (1, "name", "string", False),
        (2, "base_path", "string", False),
        (4, "model_platform", "string", False),
        (7, "model_version_policy", "VersionPolicy", False),
        (8, "version_labels", "Label", True),
    ],
    "ModelConfigList": [(1, "config", "ModelConfig", True)],
    "ModelServerConfig": [(1, "model_config_list", "ModelConfigList", False)],
    "ModelSpec": [(1, "name", "string", False), (3, "signature_name", "string", False)],
    "Input": [(1, "key", "string", False), (2, "value", "bytes", False)],
    "PredictRequest": [
        (1, "model_spec", "ModelSpec", False),
        (2, "inputs", "Input", True),
    ],
    "PredictLog": [(1, "request", "PredictRequest", False)],
    "PredictionLog": [(6, "predict_log", "PredictLog", False)],
}


@cache
def message_class(name: str) -> Any:
    """The class of a message that is declared above."""
    from google.protobuf import message_factory

    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"wire_format.{name}"))


@cache
def _pool() -> Any:
    from google.protobuf import descriptor_pb2, descriptor_pool

    file = descriptor_pb2.FileDescriptorProto(
        name="wire_format.proto", package="wire_format", syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, field, kind, repeated in fields:
            label = _REPEATED if repeated else _OPTIONAL
            added = message.field.add(name=field, number=number, label=label)
            added.type = _TYPES.get(kind, _TYPES["message"])
            if kind not in _TYPES:
                added.type_name = f".wire_format.{kind}"
    # A pool of its own: TF Serving's package may be there too.
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool
