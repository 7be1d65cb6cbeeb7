"""What we write has the keys of the specification, all of them, in every line."""

import msgspec

from storage.ooni import writing_shapes
from tests.unit.storage.ooni import written


def test_each_shape_has_the_keys_of_the_one_typed_from_the_specification() -> None:
    pairs = {
        writing_shapes.Answer: written.Answer,
        writing_shapes.Query: written.Query,
        writing_shapes.TcpConnect: written.TcpConnect,
        writing_shapes.Handshake: written.Handshake,
        writing_shapes.Transaction: written.Transaction,
        writing_shapes.HttpRequest: written.Request,
        writing_shapes.HttpResponse: written.Response,
        writing_shapes.Event: written.Event,
        writing_shapes.Control: written.Control,
        writing_shapes.Keys: written.Keys,
        writing_shapes.WebKeys: written.WebKeys,
        writing_shapes.Document: written.Document,
    }
    for ours, theirs in pairs.items():
        assert set(ours.__struct_fields__) == set(theirs.__struct_fields__), ours.__name__


def test_no_key_is_left_out_because_it_holds_its_default() -> None:
    request = writing_shapes.HttpRequest(url="", method="GET", headers={}, headers_list=())

    assert set(msgspec.to_builtins(request)) == set(written.Request.__struct_fields__)
