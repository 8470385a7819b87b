extension OperationDescriptions {
    static let v1Files = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}},{"name":"Idempotency-Key","in":"header","description":"A repetition with the same key gets the first object.","schema":{"type":"string","minLength":1,"maxLength":255}}],
        "requestBody":{"required":true,"content":{"multipart/form-data":{"schema":{"type":"object","required":["file","purpose"],"properties":{"file":{"type":"string","format":"binary","description":"At most 150 MB, a picture 20 MB; for `batch` 500 MB."},"purpose":{"enum":["assistants","user_data","file-extract","batch"]}}}}}},
        "responses":{"200":{"description":"The file.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/File"}}}},"413":{"$ref":"#/components/responses/Error"},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1FilesList = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"purpose","in":"query","schema":{"type":"string"}},{"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":10000}},{"name":"order","in":"query","schema":{"enum":["desc"]}},{"name":"after","in":"query","schema":{"type":"string"}},{"name":"create_after","in":"query","schema":{"type":"string","description":"yyyyMMddHHmmss"}},{"name":"create_before","in":"query","schema":{"type":"string","description":"yyyyMMddHHmmss"}},{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "responses":{"200":{"description":"The files.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/FileList"}}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1FilesId = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
        "responses":{"200":{"description":"The file.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/File"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1FilesIdDelete = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
        "responses":{"200":{"description":"The file is deleted.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"type":"object","required":["id","object","deleted"],"properties":{"id":{"type":"string"},"object":{"const":"file"},"deleted":{"type":"boolean"}}}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1FilesIdContent = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
        "responses":{"200":{"description":"JSON lines, one for each request.","headers":{"x-request-id":{"schema":{"type":"string"}}},"content":{"application/octet-stream":{}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1Batches = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}},{"name":"Idempotency-Key","in":"header","description":"A repetition with the same key gets the first object.","schema":{"type":"string","minLength":1,"maxLength":255}}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["input_file_id","endpoint","completion_window"],"additionalProperties":true,"properties":{"input_file_id":{"type":"string","minLength":1},"endpoint":{"enum":["/v1/chat/completions","/v1/embeddings","/v1/chat/ds-test"]},"completion_window":{"type":"string","description":"`24h` to `336h`, or in days."},"metadata":{"type":["object","null"]},"output_expires_after":{"type":["object","null"],"description":"Reported, without effect."}}},"example":{"input_file_id":"file-batch-0a1b2c3d4e5f","endpoint":"/v1/chat/completions","completion_window":"24h"}}}},
        "responses":{"200":{"description":"The batch.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Batch"}}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1BatchesList = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":100}},{"name":"after","in":"query","schema":{"type":"string"}},{"name":"ds_name","in":"query","schema":{"type":"string"}},{"name":"input_file_ids","in":"query","schema":{"type":"string"}},{"name":"status","in":"query","schema":{"type":"string"}},{"name":"create_after","in":"query","schema":{"type":"string"}},{"name":"create_before","in":"query","schema":{"type":"string"}},{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "responses":{"200":{"description":"The batches.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/BatchList"}}}},"401":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1BatchesId = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
        "responses":{"200":{"description":"The batch.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Batch"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##
}
