extension OperationDescriptions {
    static let v1Responses = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/ResponsesRequest"},"example":{"model":"qwen-plus","input":"Hello"}}}},
        "responses":{"200":{"description":"The response, or a stream of events with `stream: true`.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Response"}},"text/event-stream":{}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1ResponsesId = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}},{"name":"stream","in":"query","schema":{"type":"boolean"}},{"name":"starting_after","in":"query","schema":{"type":"integer","minimum":0}}],
        "responses":{"200":{"description":"The response, its events with `stream=true`, or that it is deleted.","content":{"application/json":{"schema":{"anyOf":[{"$ref":"#/components/schemas/Response"},{"type":"object","required":["id","object","deleted"]}]}},"text/event-stream":{}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1ResponsesIdInputItems = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}},{"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":100}},{"name":"order","in":"query","schema":{"enum":["asc","desc"]}},{"name":"after","in":"query","schema":{"type":"string"}}],
        "responses":{"200":{"description":"The items, the newest first.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/ItemList"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1ResponsesInputTokens = ##"""
        {"security":[{"key":[]}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/ResponsesRequest"},"example":{"model":"qwen-plus","input":"Hello"}}}},
        "responses":{"200":{"description":"The estimate.","headers":{"x-gateway-token-count":{"schema":{"const":"estimate"}}},"content":{"application/json":{"schema":{"type":"object","required":["object","input_tokens"],"properties":{"object":{"const":"response.input_tokens"},"input_tokens":{"type":"integer"}}}}}},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1Conversations = ##"""
        {"security":[{"key":[]}],
        "requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"items":{"type":["array","null"],"maxItems":20,"items":{}},"metadata":{"type":["object","null"]}}}}}},
        "responses":{"200":{"description":"The conversation.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Conversation"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1ConversationsId = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
        "responses":{"200":{"description":"The conversation, the items, or that it is deleted.","content":{"application/json":{"schema":{"type":"object"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1ConversationsIdItemsItem = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}},{"name":"item","in":"path","required":true,"schema":{"type":"string"}}],
        "responses":{"200":{"description":"The item, or the conversation without it.","content":{"application/json":{"schema":{"type":"object"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1ResponsesCompact = ##"""
        {"security":[{"key":[]}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["model"],"additionalProperties":true,"properties":{"model":{"type":"string"},"input":{"anyOf":[{"type":"string"},{"type":"array","items":{"$ref":"#/components/schemas/ResponseInputItem"}},{"type":"null"}]},"instructions":{"type":["string","null"]},"previous_response_id":{"type":["string","null"]}}},"example":{"model":"qwen-plus","input":[{"role":"user","content":"My name is Li."},{"role":"assistant","content":"Hello, Li!"}]}}}},
        "responses":{"200":{"description":"An item that takes the place of the conversation.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/ResponseCompaction"}}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##
}
