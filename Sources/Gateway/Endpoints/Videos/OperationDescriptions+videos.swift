/// The operations of the Videos API.
extension OperationDescriptions {
    static let v1Videos = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "requestBody":{"required":true,"content":{"multipart/form-data":{"schema":{"$ref":"#/components/schemas/VideoRequest"}},"application/json":{"schema":{"$ref":"#/components/schemas/VideoRequest"},"example":{"model":"wan2.6-t2v","prompt":"A cat runs over a meadow","seconds":"5","size":"1280x720"}}}},
        "responses":{"200":{"description":"The video, whose task has begun.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-dashscope-task-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Video"}}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1VideosList = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":100}},{"name":"order","in":"query","schema":{"enum":["asc","desc"]}},{"name":"after","in":"query","schema":{"type":"string"}}],
        "responses":{"200":{"description":"The videos, the newest first.","content":{"application/json":{"schema":{"type":"object","required":["object","data","first_id","last_id","has_more"],"properties":{"object":{"const":"list"},"data":{"type":"array","items":{"$ref":"#/components/schemas/Video"}},"first_id":{"type":["string","null"]},"last_id":{"type":["string","null"]},"has_more":{"type":"boolean"}}}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1VideosId = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
        "responses":{"200":{"description":"The video.","headers":{"x-dashscope-task-id":{"schema":{"type":"string"}},"openai-poll-after-ms":{"description":"When to ask again.","schema":{"type":"integer"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Video"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1VideosDelete = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
        "responses":{"200":{"description":"It is forgotten.","content":{"application/json":{"schema":{"type":"object","required":["id","object","deleted"],"properties":{"id":{"type":"string"},"object":{"const":"video.deleted"},"deleted":{"const":true}}}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1VideosRemix = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}},{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "requestBody":{"required":true,"content":{"multipart/form-data":{"schema":{"$ref":"#/components/schemas/VideoRemixRequest"}},"application/json":{"schema":{"$ref":"#/components/schemas/VideoRemixRequest"},"example":{"prompt":"The cat is black now"}}}},
        "responses":{"200":{"description":"The new video, whose task has begun.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-dashscope-task-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Video"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1VideoGenerations = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "requestBody":{"required":true,"content":{"multipart/form-data":{"schema":{"$ref":"#/components/schemas/VideoRequest"}},"application/json":{"schema":{"$ref":"#/components/schemas/VideoRequest"},"example":{"model":"wan2.6-t2v","prompt":"A cat runs over a meadow","duration":5,"width":1280,"height":720}}}},
        "responses":{"200":{"description":"The task.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-dashscope-task-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/VideoGeneration"}}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1VideoGenerationsId = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
        "responses":{"200":{"description":"The task, and its video once it is there.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/VideoGeneration"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1VideosContent = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}},{"name":"variant","in":"query","schema":{"enum":["video"]}},{"name":"Range","in":"header","schema":{"type":"string"}}],
        "responses":{"200":{"description":"The file.","content":{"video/mp4":{"schema":{"type":"string","format":"binary"}}}},"206":{"description":"The range of the file.","content":{"video/mp4":{"schema":{"type":"string","format":"binary"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##
}
