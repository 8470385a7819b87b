/// The operation objects of the OpenAPI description, by endpoint; the summaries come from ``EndpointList``.
enum OperationDescriptions {
    static let v1ChatCompletions = #"""
        {"security":[{"key":[]}],"parameters":[{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/ChatRequest"},"example":{"model":"qwen-plus","messages":[{"role":"user","content":"Hello"}]}}}},
        "responses":{"200":{"description":"The completion, or a stream of chunks with `stream: true`.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/ChatCompletion"}},"text/event-stream":{"schema":{"description":"Events whose data are ChatCompletionChunk, then [DONE]."}}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """#

    static let v1Messages = #"""
        {"security":[{"key":[]}],"parameters":[{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/MessagesRequest"},"example":{"model":"qwen-plus","max_tokens":1024,"messages":[{"role":"user","content":"Hello"}]}}}},
        "responses":{"200":{"description":"The message, or a stream of events with `stream: true`.","headers":{"request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Message"}},"text/event-stream":{}}},"default":{"description":"An error in Anthropic's form.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/AnthropicError"}}}}}}
        """#

    static let v1MessagesCountTokens = #"""
        {"security":[{"key":[]}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["model","messages"]},"example":{"model":"qwen-plus","messages":[{"role":"user","content":"Hello"}]}}}},
        "responses":{"200":{"description":"The estimate.","headers":{"x-gateway-token-count":{"schema":{"const":"estimate"}}},"content":{"application/json":{"schema":{"type":"object","required":["input_tokens"],"properties":{"input_tokens":{"type":"integer"}}}}}},"default":{"description":"An error in Anthropic's form.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/AnthropicError"}}}}}}
        """#

    static let v1Completions = #"""
        {"security":[{"key":[]}],"parameters":[{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["model","prompt"],"additionalProperties":true,"properties":{"model":{"type":"string","minLength":1},"prompt":{"anyOf":[{"type":"string","minLength":1},{"type":"array","minItems":1,"items":{"type":"string","minLength":1}}]},"suffix":{"type":["string","null"]},"echo":{"type":["boolean","null"]},"stream":{"type":["boolean","null"]},"stream_options":{"type":["object","null"]},"n":{"type":["integer","null"],"minimum":1,"maximum":4},"best_of":{"type":["integer","null"],"minimum":0,"maximum":20},"max_tokens":{"type":["integer","null"],"minimum":1},"temperature":{"type":["number","null"],"minimum":0,"maximum":2},"top_p":{"type":["number","null"],"minimum":0,"maximum":1},"presence_penalty":{"type":["number","null"],"minimum":-2,"maximum":2},"frequency_penalty":{"type":["number","null"],"minimum":-2,"maximum":2},"seed":{"type":["integer","null"]},"stop":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}},{"type":"null"}]},"logit_bias":{"type":["object","null"]},"logprobs":{"type":["integer","null"],"minimum":0,"maximum":5},"enable_thinking":{"type":["boolean","null"]},"thinking_budget":{"type":["integer","null"]},"reasoning_effort":{"enum":["none","minimal","low","medium","high","xhigh","max",null]}}},"example":{"model":"qwen-plus","prompt":"Once upon a time"}}}},
        "responses":{"200":{"description":"The texts in the order prompt × n, or a stream of chunks with `stream: true`.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"type":"object","required":["id","object","created","model","choices"],"properties":{"id":{"type":"string"},"object":{"const":"text_completion"},"created":{"type":"integer"},"model":{"type":"string"},"choices":{"type":"array","items":{"type":"object","required":["text","index","logprobs","finish_reason"],"properties":{"text":{"type":"string"},"index":{"type":"integer"},"logprobs":{"type":["object","null"]},"finish_reason":{"enum":["stop","length","content_filter"]}}}},"usage":{"type":"object","required":["prompt_tokens","completion_tokens","total_tokens"]}}}},"text/event-stream":{"schema":{"description":"Events whose data are text completions, then [DONE]."}}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """#

    static let v1Embeddings = #"""
        {"security":[{"key":[]}],"parameters":[{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["model","input"],"additionalProperties":true,"properties":{"model":{"type":"string","minLength":1},"input":{"anyOf":[{"type":"string","minLength":1},{"type":"array","minItems":1,"items":{"anyOf":[{"type":"string","minLength":1},{"type":"object"}]}}]},"dimensions":{"type":["integer","null"],"minimum":1},"encoding_format":{"enum":["float","base64",null]},"text_type":{"type":["string","null"]},"instruct":{"type":["string","null"]},"output_type":{"type":["string","null"]}}},"example":{"model":"text-embedding-v4","input":["Hello"]}}}},
        "responses":{"200":{"description":"The vectors, in the order of the inputs.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"type":"object","required":["object","data","model","usage"],"properties":{"object":{"const":"list"},"model":{"type":"string"},"data":{"type":"array","items":{"type":"object","required":["object","index","embedding"]}},"usage":{"type":"object","required":["prompt_tokens","total_tokens"]}}}}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """#

    static let v1AudioSpeech = #"""
        {"security":[{"key":[]}],"parameters":[{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["model","input"],"additionalProperties":true,"properties":{"model":{"type":"string","minLength":1},"input":{"type":"string","minLength":1},"voice":{"anyOf":[{"type":"string","minLength":1},{"type":"object","required":["id"],"properties":{"id":{"type":"string","minLength":1}}},{"type":"null"}]},"response_format":{"enum":["mp3","opus","aac","flac","wav","pcm",null]},"speed":{"type":["number","null"],"minimum":0.25,"maximum":4},"instructions":{"type":["string","null"]},"stream_format":{"enum":["audio","sse",null]},"sample_rate":{"type":["integer","null"]},"volume":{"type":["number","null"]},"pitch":{"type":["number","null"]},"seed":{"type":["integer","null"]},"language_type":{"type":["string","null"]},"enable_ssml":{"type":["boolean","null"]}}},"example":{"model":"qwen3-tts-flash","input":"Hello","voice":"Cherry","response_format":"wav"}}}},
        "responses":{"200":{"description":"The audio, or events with `stream_format: sse`.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"audio/mpeg":{"schema":{"type":"string","contentMediaType":"audio/mpeg"}},"audio/opus":{"schema":{"type":"string","contentMediaType":"audio/opus"}},"audio/wav":{"schema":{"type":"string","contentMediaType":"audio/wav"}},"audio/pcm":{"schema":{"type":"string","contentMediaType":"audio/pcm"}},"text/event-stream":{"schema":{"description":"`speech.audio.delta` with base64, then `speech.audio.done` with usage."}}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """#

    static let v1Rerank = #"""
        {"security":[{"key":[]}],"parameters":[{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["model","query","documents"],"additionalProperties":true,"properties":{"model":{"type":"string","minLength":1},"query":{"type":["string","object"]},"documents":{"type":"array","minItems":1,"items":{"type":["string","object"]}},"top_n":{"type":["integer","null"],"minimum":1},"return_documents":{"type":["boolean","null"]},"instruct":{"type":["string","null"]}}},"example":{"model":"qwen3-rerank","query":"Hello","documents":["Hello there","Goodbye"]}}}},
        "responses":{"200":{"description":"The results, the best first.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"type":"object","required":["id","results","usage"],"properties":{"id":{"type":"string"},"model":{"type":"string"},"results":{"type":"array","items":{"type":"object","required":["index","relevance_score"]}},"usage":{"type":"object"}}}}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """#

    static let v1Models = #"""
        {"security":[{"key":[]}],
        "responses":{"200":{"description":"The catalogue.","content":{"application/json":{"schema":{"type":"object","required":["object","data"],"properties":{"object":{"const":"list"},"data":{"type":"array","items":{"$ref":"#/components/schemas/Model"}}}}}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """#

    static let v1ModelsModel = #"""
        {"security":[{"key":[]}],"parameters":[{"name":"model","in":"path","required":true,"schema":{"type":"string"}}],
        "responses":{"200":{"description":"The model.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Model"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """#

    static let service = #"""
        {"responses":{"200":{"description":"Service information.","content":{"application/json":{"schema":{"type":"object"}}}},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"default":{"$ref":"#/components/responses/Error"}}}
        """#

    static let health = #"""
        {"responses":{"200":{"description":"The process is alive.","content":{"application/json":{"schema":{"type":"object","required":["status","timestamp","service"]}}}},"405":{"$ref":"#/components/responses/MethodNotAllowed"}}}
        """#

    static let ready = #"""
        {"description":"404 where an admin listener serves it.",
        "responses":{"200":{"$ref":"#/components/responses/Readiness"},"503":{"$ref":"#/components/responses/Readiness"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"default":{"$ref":"#/components/responses/Error"}}}
        """#

    static let metrics = #"""
        {"description":"404 where an admin listener serves it.",
        "responses":{"200":{"description":"The metrics.","content":{"text/plain":{"schema":{"type":"string"}},"application/openmetrics-text":{"schema":{"type":"string"}}}},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"default":{"$ref":"#/components/responses/Error"}}}
        """#

    static let docs = #"""
        {"responses":{"200":{"description":"A page.","content":{"text/html":{"schema":{"type":"string"}}}},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"default":{"$ref":"#/components/responses/Error"}}}
        """#

    static let openapiJson = #"""
        {"responses":{"200":{"description":"OpenAPI 3.1.","content":{"application/json":{"schema":{"type":"object"}}}},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"default":{"$ref":"#/components/responses/Error"}}}
        """#
}
